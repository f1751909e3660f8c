import type { Artefact } from '../artefact.ts'
import type { Context } from '../context.ts'
import type { ArtefactId } from '../ids.ts'
import { type ArtefactKind, kindOf, type TeamArtefacts, teamOf } from '../ports/artefact-kinds.ts'
import type { ArtefactQuery, PageQuery } from '../ports/store.ts'
import { refuse } from '../refusals.ts'
import type { User } from '../user.ts'
import { linksFor, type ShownLink } from './artefact-reading.ts'

/** What a document is made of. */
export interface ExportedArtefacts {
  readonly title: string
  /** Who made what it tells of, by its own account. */
  readonly creators: readonly string[]
  /** At least one. */
  readonly parts: readonly ExportedPart[]
}

export interface ExportedPart {
  readonly artefact: Artefact
  /** Null for a kind that there is no more. */
  readonly kind: ArtefactKind | null
  readonly links: readonly ShownLink[]
}

/** Most parts of a document, and most data of all of them together, as JSON, in UTF-16 units. */
const PARTS_MAX = 200
const LENGTH_MAX = 2_000_000

/** An artefact, and then what it links to, and what that does. */
export async function exportOne(ctx: Context, user: User, first: Artefact): Promise<ExportedArtefacts> {
  const parts = new Map<ArtefactId, ExportedPart>()
  for (let next: readonly Artefact[] = [first]; next.length > 0; ) {
    for (const artefact of next) parts.set(artefact.id, await partOf(ctx, user, artefact))
    checkSize([...parts.values()])
    const ids = new Set([...parts.values()].flatMap(({ links }) => links.map(({ to }) => to.id)))
    next = await load(
      ctx,
      [...ids].filter(id => !parts.has(id)),
    )
  }
  const [head, ...rest] = parts.values()
  return documentOf(ctx, head ? [head, ...inOrder(ctx, rest)] : [], first.title)
}

/** All that a list has, in the order of their kinds. */
export async function exportList(
  ctx: Context,
  user: User,
  query: Omit<ArtefactQuery, keyof PageQuery>,
): Promise<ExportedArtefacts> {
  const { items, total } = await ctx.store.artefacts({ ...query, limit: PARTS_MAX, offset: 0 })
  if (total > PARTS_MAX) refuse({ code: 'export_too_large' })
  const artefacts = await load(
    ctx,
    items.map(({ id }) => id),
  )
  const parts = await Promise.all(artefacts.map(artefact => partOf(ctx, user, artefact)))
  checkSize(parts)
  return documentOf(ctx, inOrder(ctx, parts))
}

async function load(ctx: Context, ids: readonly ArtefactId[]): Promise<readonly Artefact[]> {
  if (ids.length > PARTS_MAX) refuse({ code: 'export_too_large' })
  return (await Promise.all(ids.map(id => ctx.store.artefact(id)))).flatMap(found => found ?? [])
}

async function partOf(ctx: Context, user: User, artefact: Artefact): Promise<ExportedPart> {
  const kind = kindOf(ctx.artefactKinds, artefact.team, artefact.kind) ?? null
  return { artefact, kind, links: await linksFor(ctx, user, artefact) }
}

function checkSize(parts: readonly ExportedPart[]): void {
  const length = parts.reduce((sum, { artefact }) => sum + JSON.stringify(artefact.data).length, 0)
  if (parts.length > PARTS_MAX || length > LENGTH_MAX) refuse({ code: 'export_too_large' })
}

/** By team and kind as these are listed, then by when they were made. Kinds that there are no more come last. */
function inOrder(ctx: Context, parts: readonly ExportedPart[]): readonly ExportedPart[] {
  const kinds = ctx.artefactKinds.teams.flatMap(team => team.kinds)
  const rank = ({ kind }: ExportedPart) => (kind ? kinds.indexOf(kind) : kinds.length)
  return parts.toSorted(
    (a, b) =>
      rank(a) - rank(b) || a.artefact.createdAt - b.artefact.createdAt || (a.artefact.id < b.artefact.id ? -1 : 1),
  )
}

function documentOf(ctx: Context, parts: readonly ExportedPart[], title?: string): ExportedArtefacts {
  const [first] = parts
  if (!first) return refuse({ code: 'artefact_unknown', id: '' })
  const titlesOf = (role: keyof TeamArtefacts['document']) =>
    parts.flatMap(({ artefact: { team, kind, title } }) =>
      teamOf(ctx.artefactKinds, team)?.document[role] === kind ? [title] : [],
    )
  return { title: title ?? titlesOf('title')[0] ?? first.artefact.title, creators: titlesOf('creator'), parts }
}
