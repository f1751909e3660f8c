import { ARTEFACT_DATA_MAX, type Artefact, type ArtefactLink, titleOf } from '../artefact.ts'
import type { Context } from '../context.ts'
import { type FieldFault, faultsOf, patched } from '../fields.ts'
import { type ArtefactId, artefactId, type UserId } from '../ids.ts'
import type { Json, JsonObject } from '../json.ts'
import { may, operatorOnly } from '../permissions.ts'
import { readsSince } from '../places.ts'
import type { ArtefactContent } from '../ports/agent-writes.ts'
import { type ArtefactKind, kindOf } from '../ports/artefact-kinds.ts'
import { refuse } from '../refusals.ts'
import type { Run } from '../run.ts'
import { type Actor, isDeleted, type User } from '../user.ts'
import { reads } from './artefact-reading.ts'

/** What an agent saves. */
export interface ArtefactDraft {
  readonly run: Run
  readonly team: string
  readonly kind: string
  readonly data: JsonObject
  /** Of the one to save anew. */
  readonly id: string | null
}

/** See `artefact.save`. */
export async function save(ctx: Context, actor: Actor, draft: ArtefactDraft): Promise<Artefact> {
  operatorOnly(actor)
  const { run, team, data, id } = draft
  const kind = kindIn(ctx, draft)
  const owner = await askerOf(ctx, run)
  if (id !== null) return put(ctx, owner, await savedBefore(ctx, draft, id), data, { by: run.agent })
  const content = await contentOf(ctx, owner, { team, kind, data })
  const { room, conversation } = run
  const made = {
    ...{ id: ctx.ids.uuid() as ArtefactId, team, kind: kind.kind }, // a fresh uuid is what an artefact id is
    ...{ owner: owner.id, room, conversation, run: run.id },
  }
  const write = { type: 'artefact.make', artefact: made, by: run.agent, at: ctx.clock.now(), ...content } as const
  return (await ctx.commits.run(write)).artefact
}

/** See `artefact.change`. */
export async function change(
  ctx: Context,
  owner: User,
  artefact: Artefact,
  patch: JsonObject,
  expected: number | null,
): Promise<Artefact> {
  const { version } = artefact
  if (expected !== null && expected !== version) refuse({ code: 'version_conflict', version })
  const data = patched(kindIn(ctx, artefact).schema, artefact.data, patch)
  return put(ctx, owner, artefact, data, { by: owner.id })
}

/** See `artefact.restore`. */
export async function restore(ctx: Context, owner: User, artefact: Artefact, version: number): Promise<Artefact> {
  const old = await ctx.store.artefactVersion(artefact.id, version)
  if (!old) return refuse({ code: 'version_unknown', version })
  return put(ctx, owner, artefact, old.data, { by: owner.id, known: old.data })
}

const kindIn = (ctx: Context, { team, kind }: { readonly team: string; readonly kind: string }): ArtefactKind =>
  kindOf(ctx.artefactKinds, team, kind) ?? refuse({ code: 'artefact_kind_unknown', kind })

/** Whoever asked in a run, if they may still have something made there. */
async function askerOf(ctx: Context, { asker, room: id, startedAt }: Run): Promise<User> {
  const user = await ctx.directory.user(asker)
  if (!user || isDeleted(user)) return refuse({ code: 'user_unknown', name: asker })
  const capability = 'artefacts.own'
  if (!may(user.role, capability)) refuse({ code: 'role_forbids', role: user.role, capability })
  const room = await ctx.directory.room(id)
  return room && (await readsSince(ctx, user, room, startedAt)) ? user : refuse({ code: 'room_unknown' })
}

async function savedBefore(ctx: Context, { run, team, kind }: ArtefactDraft, id: string): Promise<Artefact> {
  const known = artefactId(id)
  const found = known && (await ctx.store.artefact(known))
  const isTheirs = found?.owner === run.asker && found.room === run.room && found.conversation === run.conversation
  return found && isTheirs && found.team === team && found.kind === kind
    ? found
    : refuse({ code: 'artefact_unknown', id })
}

interface Putting {
  readonly by: UserId
  /** What may be linked to without being there any more: what this data does. Those of the version before may in any case. */
  readonly known?: JsonObject
}

/** The next version of an artefact, unless nothing changes. */
async function put(ctx: Context, owner: User, artefact: Artefact, data: JsonObject, { by, known }: Putting) {
  const { id, team, version: expected } = artefact
  const kind = kindIn(ctx, artefact)
  const before = [artefact.data, known ?? {}].flatMap(data => namedIn(kind, data).map(({ text }) => text))
  const content = await contentOf(ctx, owner, { team, kind, data }, new Set(before))
  // Not before it was looked at: what is nested without end can't be written.
  if (JSON.stringify(data) === JSON.stringify(artefact.data)) return artefact
  const write = { type: 'artefact.change', id, expected, by, at: ctx.clock.now(), ...content } as const
  return (await ctx.commits.run(write)).artefact
}

interface Draft {
  readonly team: string
  readonly kind: ArtefactKind
  readonly data: JsonObject
}

/** What is stored of data that fits its kind. Links to `known` need not be there any more. Refuses artefact_invalid. */
async function contentOf(
  ctx: Context,
  owner: User,
  draft: Draft,
  known: ReadonlySet<string> = new Set(),
): Promise<ArtefactContent> {
  const { kind, data } = draft
  const invalid = (faults: readonly FieldFault[]) => faults.length > 0 && refuse({ code: 'artefact_invalid', faults })
  invalid(faultsOf(kind.schema, data))
  const title = titleOf(String(data[kind.titleField]))
  if (title === '') invalid([{ at: kind.titleField, says: 'should have a visible character' }])
  if (JSON.stringify(data).length > ARTEFACT_DATA_MAX) invalid([{ at: '', says: 'is too long in all' }])
  const { links, faults } = await linksOf(ctx, owner, draft, known)
  invalid(faults)
  return { title, data, links }
}

async function linksOf(ctx: Context, owner: User, { team, kind, data }: Draft, known: ReadonlySet<string>) {
  const links = new Map<string, ArtefactLink>()
  const faults: FieldFault[] = []
  for (const { field, at, text, of } of namedIn(kind, data)) {
    const to = await targetOf(ctx, owner, { team, kind: of }, text)
    if (to) links.set(`${field} ${to}`, { field, to })
    else if (!known.has(text)) faults.push({ at, says: `should be the id of a saved ${of}` })
  }
  return { links: [...links.values()], faults }
}

/** The id that is written there, if it is of an artefact of that kind which the owner may read. */
async function targetOf(ctx: Context, owner: User, of: { team: string; kind: string }, text: string) {
  const id = artefactId(text)
  const [head] = id ? await ctx.store.artefactHeads([id]) : []
  const isOfKind = head?.team === of.team && head.kind === of.kind
  return head && isOfKind && (await reads(ctx, owner, head)) ? head.id : undefined
}

/** The ids in the fields that are links. */
function namedIn({ links }: ArtefactKind, data: JsonObject) {
  return Object.entries(links).flatMap(([field, of]) => {
    const value: Json | undefined = data[field]
    if (typeof value === 'string') return [{ field, at: field, text: value, of }]
    if (!Array.isArray(value)) return []
    return value.map((text, index) => ({ field, at: `${field}[${index}]`, text: String(text), of }))
  })
}
