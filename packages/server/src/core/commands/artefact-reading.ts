import type { Artefact, ArtefactHead } from '../artefact.ts'
import type { Context } from '../context.ts'
import { readsSince } from '../places.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { User } from '../user.ts'

export interface ListedArtefact {
  readonly artefact: ArtefactHead
  readonly owner: User
  /** Where it was made; null where that is forgotten. */
  readonly room: Room | null
}

export interface ShownArtefact extends ListedArtefact {
  readonly artefact: Artefact
  readonly links: readonly ShownLink[]
}

/** A link to what its reader may read. */
export interface ShownLink {
  readonly field: string
  readonly to: ArtefactHead
}

/** Whether somebody may read it: its owner, and who may read the room it was made in. */
export async function reads(ctx: Context, user: User, { owner, room: id, createdAt }: ArtefactHead): Promise<boolean> {
  if (owner === user.id) return true
  const room = await ctx.directory.room(id)
  return room !== undefined && readsSince(ctx, user, room, createdAt)
}

/** With its owner and room; nothing where the owner was forgotten at this moment. */
export async function listed(ctx: Context, artefact: ArtefactHead): Promise<readonly ListedArtefact[]> {
  const owner = await ctx.directory.user(artefact.owner)
  const room = (await ctx.directory.room(artefact.room)) ?? null
  return owner ? [{ artefact, owner, room }] : []
}

/** As somebody is shown it who may read it. */
export async function shown(ctx: Context, user: User, artefact: Artefact): Promise<ShownArtefact> {
  const [one] = await listed(ctx, artefact)
  if (!one) return refuse({ code: 'artefact_unknown', id: artefact.id })
  return { ...one, artefact, links: await linksFor(ctx, user, artefact) }
}

export async function linksFor(ctx: Context, user: User, { links }: Artefact): Promise<readonly ShownLink[]> {
  const heads = new Map((await ctx.store.artefactHeads(links.map(({ to }) => to))).map(head => [head.id, head]))
  const found: ShownLink[] = []
  for (const { field, to } of links) {
    const head = heads.get(to)
    if (head && (await reads(ctx, user, head))) found.push({ field, to: head })
  }
  return found
}
