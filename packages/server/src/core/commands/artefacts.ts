import type { Artefact, ArtefactVersion } from '../artefact.ts'
import type { Context } from '../context.ts'
import { artefactId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { allowed, signedIn } from '../permissions.ts'
import { ownRoom, type RoomRef } from '../places.ts'
import type { ArtefactKinds } from '../ports/artefact-kinds.ts'
import type { ArtefactQuery, PageOf, PageQuery } from '../ports/store.ts'
import { refuse } from '../refusals.ts'
import type { Actor, User } from '../user.ts'
import { type ArtefactDraft, change, restore, save } from './artefact-changes.ts'
import { type ExportedArtefacts, exportList, exportOne } from './artefact-exports.ts'
import { type ListedArtefact, listed, reads, type ShownArtefact, shown } from './artefact-reading.ts'
import type { Implementation } from './command.ts'

/**
 * What agents saved belongs to whoever asked for it. They read, change and delete it; who may read the room it was made in
 * reads it as it is now. To everybody else, admins too, it is unknown: artefact_unknown.
 */
export interface ArtefactCommands {
  'artefact.kinds': { input: object; result: ArtefactKinds }
  /**
   * By an agent, for whoever asked in its run, and where they did: only the server itself may. A new artefact, or, with the id of
   * one that was saved for them in the same conversation, its next version; none where nothing changed. Refuses artefact_kind_unknown,
   * artefact_invalid, artefact_unknown, user_unknown, room_unknown (they can't read there any more), role_forbids, storage_insufficient.
   */
  'artefact.save': { input: ArtefactDraft; result: Artefact }
  /** One's own, or everybody's in a room that one is in; newest first, without what is in them. Refuses room_unknown, not_member. */
  'artefact.list': { input: ArtefactFilter & PageQuery; result: PageOf<ListedArtefact> }
  /** As it is now, or, for its owner, an older version, without its links. Refuses version_unknown, not_owner. */
  'artefact.show': { input: { id: string; version: number | null }; result: ShownArtefact }
  /**
   * Its owner: a JSON merge patch (RFC 7396) of the data. With `expected` only if that is its version. One that changes nothing makes
   * no version. Refuses artefact_invalid, version_conflict, artefact_kind_unknown, not_owner, role_forbids, storage_insufficient.
   */
  'artefact.change': { input: { id: string; patch: JsonObject; expected: number | null }; result: ShownArtefact }
  /** Its owner; the latest first. Refuses not_owner. */
  'artefact.versions': {
    input: { id: string } & PageQuery
    result: PageOf<ArtefactVersion & { readonly user: User | null }>
  }
  /** Its owner: an older version once more, as a new one. Refuses as a change does, and version_unknown. */
  'artefact.restore': { input: { id: string; version: number }; result: ShownArtefact }
  /** Its owner: with all its versions, for ever. Refuses not_owner, role_forbids. */
  'artefact.delete': { input: { id: string }; result: object }
  /** One with what it links to, or all that `artefact.list` lists, in the order of their kinds. Refuses export_too_large. */
  'artefact.export': { input: { of: { readonly id: string } | ArtefactFilter }; result: ExportedArtefacts }
}

export interface ArtefactFilter {
  /** Null for one's own, wherever they were made. */
  readonly room: RoomRef | null
  readonly kind: string | null
  /** Number of a conversation. */
  readonly conversation: number | null
}

export const artefactCommands: Implementation<ArtefactCommands> = {
  'artefact.kinds': (ctx, actor) => {
    signedIn(actor)
    return ctx.artefactKinds
  },
  'artefact.save': save,
  'artefact.list': async (ctx, actor, { limit, offset, ...filter }) => {
    const query = await queryOf(ctx, signedIn(actor), filter)
    const { items, total } = await ctx.store.artefacts({ ...query, limit, offset })
    return { items: (await Promise.all(items.map(item => listed(ctx, item)))).flat(), total }
  },
  'artefact.show': async (ctx, actor, { id, version }) => {
    const user = signedIn(actor)
    const artefact = await readable(ctx, user, id)
    if (version === null || version === artefact.version) return shown(ctx, user, artefact)
    if (artefact.owner !== user.id) refuse({ code: 'not_owner', of: 'artefact' })
    const old = await ctx.store.artefactVersion(artefact.id, version)
    if (!old) return refuse({ code: 'version_unknown', version })
    const { title, at: changedAt, data } = old
    return shown(ctx, user, { ...artefact, title, version, changedAt, data, links: [] })
  },
  'artefact.change': async (ctx, actor, { id, patch, expected }) => {
    const { owner, artefact } = await changeable(ctx, actor, id)
    return shown(ctx, owner, await change(ctx, owner, artefact, patch, expected))
  },
  'artefact.versions': async (ctx, actor, { id, ...page }) => {
    const { id: known } = await owned(ctx, signedIn(actor), id)
    const { items, total } = await ctx.store.artefactVersions(known, page)
    const users = await ctx.directory.users(items.map(({ by }) => by))
    return { items: items.map(item => ({ ...item, user: users.get(item.by) ?? null })), total }
  },
  'artefact.restore': async (ctx, actor, { id, version }) => {
    const { owner, artefact } = await changeable(ctx, actor, id)
    return shown(ctx, owner, await restore(ctx, owner, artefact, version))
  },
  'artefact.delete': async (ctx, actor, { id }) => {
    const { artefact } = await changeable(ctx, actor, id)
    await ctx.commits.run({ type: 'artefact.delete', id: artefact.id, at: ctx.clock.now() })
    eraseArtefacts(ctx)
    return {}
  },
  'artefact.export': async (ctx, actor, { of }) => {
    const user = signedIn(actor)
    if ('id' in of) return exportOne(ctx, user, await readable(ctx, user, of.id))
    return exportList(ctx, user, await queryOf(ctx, user, of))
  },
}

/** Rows erased in one transaction; each may be as long as data is. */
const SLICE = 100

/** Has erased what is deleted, of whomever. */
export function eraseArtefacts(ctx: Context): void {
  ctx.chores.start(async () => {
    const { removed } = await ctx.commits.run({ type: 'artefact.erase', limit: SLICE })
    return removed === SLICE
  })
}

async function queryOf(
  ctx: Context,
  user: User,
  { room: ref, ...which }: ArtefactFilter,
): Promise<Omit<ArtefactQuery, keyof PageQuery>> {
  if (!ref) return { of: { owner: user.id }, ...which }
  const { room, membership } = await ownRoom(ctx, user, ref)
  return { of: { room: room.id, since: room.kind === 'private' ? membership.joinedAt : 0 }, ...which }
}

/** The artefact, if the user may read it. Refuses artefact_unknown. */
async function readable(ctx: Context, user: User, id: string): Promise<Artefact> {
  const known = artefactId(id)
  const artefact = known && (await ctx.store.artefact(known))
  return artefact && (await reads(ctx, user, artefact)) ? artefact : refuse({ code: 'artefact_unknown', id })
}

async function owned(ctx: Context, user: User, id: string): Promise<Artefact> {
  const artefact = await readable(ctx, user, id)
  return artefact.owner === user.id ? artefact : refuse({ code: 'not_owner', of: 'artefact' })
}

async function changeable(ctx: Context, actor: Actor, id: string): Promise<{ owner: User; artefact: Artefact }> {
  const artefact = await owned(ctx, signedIn(actor), id)
  return { owner: allowed(actor, 'artefacts.own'), artefact }
}
