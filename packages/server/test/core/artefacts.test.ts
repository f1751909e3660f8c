import { expect, test } from 'vitest'
import type { Artefact } from '../../src/core/artefact.ts'
import type { CommandOf, CommandType } from '../../src/core/core.ts'
import { faultsOf, patched } from '../../src/core/fields.ts'
import type { RoomId } from '../../src/core/ids.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { Refused } from '../../src/core/refusals.ts'
import type { Room } from '../../src/core/room.ts'
import type { Actor } from '../../src/core/user.ts'
import { artefactKinds, runIn, saveFor } from '../artefacts.ts'
import { type Member, openWorld, type World } from '../world.ts'

/** A conversation of somebody's own, with its room. */
async function talkOf({ core }: World, { user }: Member): Promise<Room> {
  const own = core.context.ids.uuid() as RoomId
  const opening = { type: 'conversation.open', owner: user.id, room: { own }, title: null, at: 0 } as const
  return (await core.context.commits.run(opening)).room
}

async function roomOf(world: World, owner: Member, kind: 'private' | 'shared' | 'group', ...others: Member[]) {
  const room = await world.execute(owner, { type: 'room.make', label: null, name: null, kind })
  const ref = { by: 'id', id: room.id } as const
  for (const { user } of others) await world.execute(owner, { type: 'members.add', ref, user: user.id })
  return room
}

/** Why something is refused. */
const refusal = (doing: Promise<unknown>) =>
  doing.then(
    () => 'not refused',
    error => (error instanceof Refused ? error.refusal : error),
  )
const refusedFor = <T extends CommandType>(world: World, as: Member, command: CommandOf<T>) =>
  refusal(world.execute(as, command))

const show = async (world: World, as: Member, { id }: Artefact) =>
  (await world.execute(as, { type: 'artefact.show', id, version: null })).artefact
const change = (id: string, patch: JsonObject, expected: number | null = null) =>
  ({ type: 'artefact.change', id, patch, expected }) as const
const mine = { room: null, kind: null, conversation: null, limit: 100, offset: 0 } as const

const AUTHOR = { kind: 'author', data: { name: 'Ursula', biography: 'Writes.' } }

test('[ART-2] data that does not fit is refused with the way to each fault, and read no deeper than the schema', () => {
  const schema = artefactKinds.teams[0]!.kinds.find(({ kind }) => kind === 'characters')!.schema
  const faults = (data: unknown) => faultsOf(schema, data).map(({ at, says }) => `${at} ${says}`)
  expect(faults({ title: 'Cast', characters: [{ name: 'Ged' }] })).toEqual([])
  expect(faults([])).toEqual([' should be an object'])
  expect(faults(JSON.parse('{"characters":[{"name":""},{"name":7,"__proto__":1}],"constructor":1}'))).toEqual([
    'title is missing',
    'characters[0].name should have at least 1 characters',
    'characters[1].name should be a text',
    'characters[1].__proto__ is no field of this',
    'constructor is no field of this',
  ])
  expect(faults({ title: 'x'.repeat(201), world: '\ud800', characters: [] })).toEqual([
    'title should have at most 200 characters',
    'world should be well-formed Unicode',
    'characters should have at least 1 entries',
  ])
  // Code points count, as in JSON Schema.
  expect(faults({ title: '🐉'.repeat(200), characters: [{ name: 'x' }] })).toEqual([])
  expect(faults({ title: 'x', characters: Array(51).fill(1) })).toEqual(['characters should have at most 50 entries'])
  expect(faults({ title: 'x', characters: Array(50).fill(1) })).toHaveLength(20)
  const deep = JSON.parse(`${'{"world":'.repeat(20_000)}1${'}'.repeat(20_000)}`)
  expect(faults(deep).at(-1)).toBe('world should be a text')
  expect(patched(schema, {}, deep)).toEqual(deep)
  const ticket = artefactKinds.teams[1]!.kinds.find(({ kind }) => kind === 'ticket')!.schema
  const base = { subject: 'x', problem: 'y' }
  const odd = { ...base, status: 'lost', priority: 1.5, isBlocking: 'no', environment: 'mars' }
  expect(faultsOf(ticket, odd).map(({ at }) => at)).toEqual(['status', 'priority', 'isBlocking', 'environment'])
  for (const priority of [0, 5, '1', 1e300])
    expect(faultsOf(ticket, { ...base, status: 'open', priority })).toMatchObject([{ at: 'priority' }])
})

test('[ART-30] a patch follows RFC 7396: null takes away, objects are merged, everything else is replaced', () => {
  const { schema } = artefactKinds.teams[1]!.kinds[0]!
  const data = { subject: 'x', articles: ['a'], environment: { product: 'p', version: '1' } }
  const patch = { subject: 'y', articles: ['b'], environment: { version: null, product: 'q' }, priority: 2 }
  expect(patched(schema, data, patch)).toEqual({
    ...{ subject: 'y', articles: ['b'], priority: 2, environment: { product: 'q' } },
  })
  expect(patched(schema, data, { environment: null })).toEqual({ subject: 'x', articles: ['a'] })
  expect(patched(schema, { subject: 'x' }, { environment: { product: 'p' } })).toMatchObject({
    ...{ environment: { product: 'p' } },
  })
  const odd = JSON.parse('{"__proto__":{"polluted":true}}')
  expect(Object.keys(patched(schema, data, odd))).toContain('__proto__')
  expect('polluted' in {}).toBe(false)
})

test('[ART-10] agents save for whoever asked, where they did; nobody else does', async () => {
  await using world = await openWorld()
  const [ann, ben, viewer] = [await world.member('ann'), await world.member('ben'), await world.member('vic', 'viewer')]
  const room = await talkOf(world, ann)
  const run = runIn(world.core, ann.user, room)
  const data = { title: 'Ash', plot: 'It burns.' }
  const saved = await saveFor(world.core, ann.user, room, { run, data })
  expect(saved).toMatchObject({ owner: ann.user.id, room: room.id, conversation: room.conversation, run: run.id, data })
  expect(saved).toMatchObject({ team: 'books', kind: 'plot', title: 'Ash', version: 1, links: [] })
  const draft = { type: 'artefact.save', run, team: 'books', kind: 'plot', data, id: null } as const
  for (const who of [ann, await world.member('root', 'admin')])
    expect(await refusedFor(world, who, draft)).toEqual({ code: 'admin_only' })
  expect(await refusal(saveFor(world.core, ben.user, room))).toEqual({ code: 'room_unknown' })
  const shared = await roomOf(world, ann, 'shared', viewer)
  expect(await refusal(saveFor(world.core, viewer.user, shared))).toMatchObject({ code: 'role_forbids' })
  for (const odd of [
    { team: 'books', kind: 'toString' },
    { team: 'helpdesk', kind: 'plot' },
  ])
    expect(await refusal(saveFor(world.core, ann.user, room, odd))).toMatchObject({ code: 'artefact_kind_unknown' })
  const wrong = { data: { title: 'Ash' } }
  expect(await refusal(saveFor(world.core, ann.user, room, wrong))).toEqual({
    ...{ code: 'artefact_invalid', faults: [{ at: 'plot', says: 'is missing' }] },
  })
  const { items, total } = await world.execute(ann, { type: 'artefact.list', ...mine })
  expect([items.map(({ artefact }) => artefact.id), total]).toEqual([[saved.id], 1])
})

test('[ART-11] saving again in the same conversation makes a version; the same data makes none', async () => {
  await using world = await openWorld()
  const [ann, ben] = [await world.member('ann'), await world.member('ben')]
  const room = await roomOf(world, ann, 'shared', ben)
  const first = await saveFor(world.core, ann.user, room)
  const data = { title: 'Ash and Snow', plot: 'It burns, and melts.' }
  const again = { id: first.id, data }
  const run = runIn(world.core, ann.user, room)
  const second = await saveFor(world.core, ann.user, room, { ...again, run })
  expect(second).toMatchObject({ id: first.id, version: 2, title: 'Ash and Snow', data, run: first.run })
  expect(await saveFor(world.core, ann.user, room, again)).toEqual(second)
  const { items } = await world.execute(ann, { type: 'artefact.versions', id: first.id, limit: 9, offset: 0 })
  expect(items).toMatchObject([{ version: 2, by: run.agent }, { version: 1 }])
  const unknown = { code: 'artefact_unknown', id: first.id }
  const elsewhere = await talkOf(world, ann)
  expect(await refusal(saveFor(world.core, ann.user, elsewhere, again))).toEqual(unknown)
  expect(await refusal(saveFor(world.core, ben.user, room, again))).toEqual(unknown)
  expect(await refusal(saveFor(world.core, ann.user, room, { ...AUTHOR, id: first.id }))).toEqual(unknown)
  expect(await refusal(saveFor(world.core, ann.user, room, { id: 'x' }))).toEqual({ ...unknown, id: 'x' })
  await world.execute(ann, { type: 'room.leave', ref: { by: 'id', id: room.id } })
  expect(await refusal(saveFor(world.core, ann.user, room, again))).toEqual({ code: 'room_unknown' })
})

test('[ART-12] a title is one line without control characters, and not empty', async () => {
  await using world = await openWorld()
  const ann = await world.member('ann')
  const room = await talkOf(world, ann)
  const titled = (title: string) => saveFor(world.core, ann.user, room, { data: { title, plot: 'x' } })
  const odd = '  A\u0000 \n\u202etale\u2028of\tfire\u0085 '
  expect(await titled(odd)).toMatchObject({ title: 'A tale of fire', data: { title: odd } })
  for (const none of [' ', '\u0000\n', '\u202e'])
    expect(await refusal(titled(none))).toMatchObject({
      ...{ code: 'artefact_invalid', faults: [{ at: 'title' }] },
    })
  const long = {
    title: 'x',
    plot: 'x'.repeat(50_000),
    chapters: Array(100).fill({ title: 'y', summary: 'z'.repeat(2_000) }),
  }
  expect(await refusal(saveFor(world.core, ann.user, room, { data: long }))).toMatchObject({
    ...{ faults: [{ at: '', says: 'is too long in all' }] },
  })
})

test('[ART-13] links lead to what the owner may read, of the right kind; what is deleted meanwhile hinders nothing', async () => {
  await using world = await openWorld()
  const [ann, ben] = [await world.member('ann'), await world.member('ben')]
  const [room, bens] = [await talkOf(world, ann), await talkOf(world, ben)]
  const author = await saveFor(world.core, ann.user, room, AUTHOR)
  const hidden = await saveFor(world.core, ben.user, bens, AUTHOR)
  const data = { title: 'Ash', plot: 'It burns.', author: author.id.toUpperCase() }
  const plot = await saveFor(world.core, ann.user, room, { data })
  expect(plot.links).toEqual([{ field: 'author', to: author.id }])
  for (const wrong of [hidden.id, plot.id, 'x', bens.id]) {
    const says = 'should be the id of a saved author'
    const expected = { code: 'artefact_invalid', faults: [{ at: 'author', says }] }
    expect(await refusedFor(world, ann, change(plot.id, { author: wrong }))).toEqual(expected)
  }
  const article = await saveFor(world.core, ann.user, room, {
    ...{ team: 'helpdesk', kind: 'article', data: { title: 'Turn it off', answer: 'And on.' } },
  })
  const ticket = { subject: 'Off', status: 'open', problem: 'x', articles: [article.id, article.id] }
  const support = { team: 'helpdesk', kind: 'ticket' }
  const saved = await saveFor(world.core, ann.user, room, { ...support, data: ticket })
  expect(saved.links).toEqual([{ field: 'articles', to: article.id }])
  const broken = { ...support, data: { ...ticket, articles: [article.id, 'x'] } }
  expect(await refusal(saveFor(world.core, ann.user, room, broken))).toMatchObject({ faults: [{ at: 'articles[1]' }] })
  await world.execute(ann, { type: 'artefact.delete', id: author.id })
  expect(await show(world, ann, plot)).toEqual({ ...plot, links: [] })
  const { artefact } = await world.execute(ann, change(plot.id, { genre: 'fantasy' }))
  expect(artefact).toMatchObject({ version: 2, links: [], data: { ...data, genre: 'fantasy' } })
  await world.execute(ann, change(plot.id, { author: null }))
  expect(await refusedFor(world, ann, change(plot.id, { author: author.id }))).toMatchObject({
    code: 'artefact_invalid',
  })
  const { artefact: restored } = await world.execute(ann, { type: 'artefact.restore', id: plot.id, version: 1 })
  expect(restored).toMatchObject({ version: 4, data, links: [] })
})

test('[ART-20] the owner and who may read the room read it; to others, admins too, it is unknown', async () => {
  await using world = await openWorld()
  const [ann, ben, cat] = [await world.member('ann'), await world.member('ben'), await world.member('cat')]
  const root = await world.member('root', 'admin')
  const own = await saveFor(world.core, ann.user, await talkOf(world, ann))
  for (const other of [ben, root])
    expect(await refusedFor(world, other, { type: 'artefact.show', id: own.id, version: null })).toEqual({
      ...{ code: 'artefact_unknown', id: own.id },
    })
  const room = await roomOf(world, ann, 'private', ben)
  const inRoom = await saveFor(world.core, ann.user, room, { data: { title: 'Ash', plot: 'x' } })
  world.clock.advance(1000)
  await world.execute(ann, { type: 'members.add', ref: { by: 'id', id: room.id }, user: cat.user.id })
  const later = await saveFor(world.core, ben.user, room)
  expect(await show(world, ben, inRoom)).toEqual(inRoom)
  const listed = async (who: Member) => {
    const { items } = await world.execute(who, { type: 'artefact.list', ...mine, room: { by: 'id', id: room.id } })
    return items.map(({ artefact, owner }) => [artefact.id, owner.name])
  }
  expect(await listed(ben)).toEqual([
    [later.id, 'ben'],
    [inRoom.id, 'ann'],
  ])
  expect(await listed(cat)).toEqual([[later.id, 'ben']])
  expect(await refusedFor(world, cat, { type: 'artefact.show', id: inRoom.id, version: null })).toMatchObject({
    ...{ code: 'artefact_unknown' },
  })
  expect(await refusal(listed(root))).toEqual({ code: 'room_unknown' })
  for (const command of [
    change(inRoom.id, { genre: 'x' }),
    { type: 'artefact.delete', id: inRoom.id },
    { type: 'artefact.restore', id: inRoom.id, version: 1 },
    { type: 'artefact.versions', id: inRoom.id, limit: 9, offset: 0 },
    { type: 'artefact.show', id: inRoom.id, version: 9 },
  ] as const)
    expect(await refusedFor(world, ben, command)).toEqual({ code: 'not_owner', of: 'artefact' })
  await world.execute(ann, { type: 'room.delete', ref: { by: 'id', id: room.id } })
  expect(await show(world, ann, inRoom)).toEqual(inRoom)
  expect(await refusedFor(world, ben, { type: 'artefact.show', id: inRoom.id, version: null })).toMatchObject({
    ...{ code: 'artefact_unknown' },
  })
})

test('[ART-21] who reads it in a room is shown only the links that they may read', async () => {
  await using world = await openWorld()
  const [ann, ben] = [await world.member('ann'), await world.member('ben')]
  const room = await roomOf(world, ann, 'group', ben)
  const secret = await saveFor(world.core, ann.user, await talkOf(world, ann), AUTHOR)
  const data = { title: 'Ash', plot: 'x', author: secret.id }
  const { id } = await saveFor(world.core, ann.user, room, { data })
  const links = async (who: Member) => (await world.execute(who, { type: 'artefact.show', id, version: null })).links
  expect(await links(ann)).toMatchObject([{ field: 'author', to: { title: 'Ursula' } }])
  expect(await links(ben)).toEqual([])
  const { parts, creators } = await world.execute(ben, { type: 'artefact.export', of: { id } })
  expect([parts.length, creators]).toEqual([1, []])
})

test('[ART-30] a change needs the version that is expected, and one that changes nothing makes none', async () => {
  await using world = await openWorld()
  const ann = await world.member('ann')
  const saved = await saveFor(world.core, ann.user, await talkOf(world, ann))
  const { artefact } = await world.execute(ann, change(saved.id, { genre: 'fantasy', title: 'Snow' }, 1))
  expect(artefact).toMatchObject({ version: 2, title: 'Snow', data: { genre: 'fantasy', plot: 'It burns.' } })
  const conflict = { code: 'version_conflict', version: 2 }
  expect(await refusedFor(world, ann, change(saved.id, { genre: 'x' }, 1))).toEqual(conflict)
  expect((await world.execute(ann, change(saved.id, { genre: 'fantasy' }))).artefact).toEqual(artefact)
  const both = ['a', 'b'].map(genre => refusedFor(world, ann, change(saved.id, { genre })))
  expect((await Promise.all(both)).toSorted()).toEqual([{ code: 'version_conflict', version: 3 }, 'not refused'])
  const older = await world.execute(ann, { type: 'artefact.show', id: saved.id, version: 1 })
  expect(older.artefact).toEqual(saved)
  await world.execute(ann, { type: 'artefact.restore', id: saved.id, version: 1 })
  expect(await show(world, ann, saved)).toMatchObject({ version: 4, title: 'Ash', data: saved.data })
  for (const version of [0, 5])
    for (const type of ['artefact.show', 'artefact.restore'] as const)
      expect(await refusedFor(world, ann, { type, id: saved.id, version })).toEqual({
        code: 'version_unknown',
        version,
      })
  const page = await world.execute(ann, { type: 'artefact.versions', id: saved.id, limit: 2, offset: 1 })
  expect(page).toMatchObject({ total: 4, items: [{ version: 3, user: { name: 'ann' } }, { version: 2 }] })
})

test('[ART-22] who may write nothing any more changes nothing', async () => {
  await using world = await openWorld()
  const [ann, root] = [await world.member('ann'), await world.member('root', 'admin')]
  const { id } = await saveFor(world.core, ann.user, await talkOf(world, ann))
  const { user } = await world.execute(root, { type: 'admin.change', ref: ann.user.id, patch: { role: 'viewer' } })
  const viewer = { ...ann, user }
  for (const command of [change(id, { genre: 'x' }), { type: 'artefact.delete', id }] as const)
    expect(await refusedFor(world, viewer, command)).toMatchObject({ code: 'role_forbids' })
  expect(await show(world, viewer, { id } as Artefact)).toMatchObject({ version: 1 })
})

test('[ART-3] what is of a kind that there is no more is shown and deleted, but not changed', async () => {
  await using world = await openWorld()
  const ann = await world.member('ann')
  const room = await talkOf(world, ann)
  const made = { ...{ id: world.core.context.ids.uuid() as never, team: 'gone', kind: 'poem' }, run: room.id as never }
  const artefact = { ...made, owner: ann.user.id, room: room.id, conversation: null }
  const content = { title: 'Ode', data: { odd: { verse: ['a'] } }, links: [] }
  const at = world.clock.now()
  await world.core.context.commits.run({ type: 'artefact.make', artefact, by: ann.user.id, at, ...content })
  const { id } = artefact
  expect(await show(world, ann, artefact as never)).toMatchObject(content)
  expect(await refusedFor(world, ann, change(id, { odd: null }))).toEqual({
    code: 'artefact_kind_unknown',
    kind: 'poem',
  })
  const { parts } = await world.execute(ann, { type: 'artefact.export', of: { id } })
  expect(parts).toMatchObject([{ kind: null, artefact: { title: 'Ode' } }])
  await world.execute(ann, { type: 'artefact.delete', id })
  expect(await refusedFor(world, ann, { type: 'artefact.delete', id })).toEqual({ code: 'artefact_unknown', id })
})

test('[ART-32] a guest’s artefacts go with the guest, an account’s with the account', async () => {
  await using world = await openWorld()
  const [ann, root] = [await world.member('ann'), await world.member('root', 'admin')]
  const { store, commits, ids, clock } = world.core.context
  const user = { ...ann.user, id: ids.uuid() as never, name: 'Guest 1', role: 'guest' as const }
  await commits.run({ type: 'user.create', user, key: null, ticket: null, at: clock.now() })
  const room = await talkOf(world, { user, key: '' })
  const guest: Actor = {
    kind: 'user',
    user,
    credential: { by: 'guest', mayTalk: true, visitor: { address: '', local: true } },
  }
  const theirs = await saveFor(world.core, user, room)
  const { artefact } = await world.core.execute(guest, change(theirs.id, { genre: 'x' }))
  expect(artefact.version).toBe(2)
  expect((await world.core.execute(guest, { type: 'artefact.list', ...mine })).total).toBe(1)
  await commits.run({ type: 'guest.erase', id: user.id, limit: 100, at: clock.now() })
  expect(await store.artefact(theirs.id)).toBeUndefined()
  const anns = await saveFor(world.core, ann.user, await talkOf(world, ann))
  await world.execute(ann, { type: 'conversations.delete', number: anns.conversation ?? 0 })
  expect(await show(world, ann, anns)).toEqual(anns)
  await world.execute(root, { type: 'admin.delete', ref: ann.user.id })
  expect(await store.artefact(anns.id)).toBeUndefined()
})

test('[ART-40] one is exported with what it links to, all of a conversation in the order of their kinds', async () => {
  await using world = await openWorld()
  const ann = await world.member('ann')
  const room = await talkOf(world, ann)
  const save = (kind: string, data: JsonObject) => saveFor(world.core, ann.user, room, { kind, data })
  const world_ = await save('world_building', { title: 'Earthsea', overview: 'Islands.' })
  const cast = await save('characters', { title: 'Cast', world: world_.id, characters: [{ name: 'Ged' }] })
  const author = await save('author', AUTHOR.data)
  const plot = await save('plot', { title: 'Ash', plot: 'x', author: author.id, characters: cast.id })
  await save('plot', { title: 'Other', plot: 'y' })
  const titles = ({ parts }: { parts: readonly { artefact: Artefact }[] }) =>
    parts.map(({ artefact }) => artefact.title)
  const one = await world.execute(ann, { type: 'artefact.export', of: { id: plot.id } })
  expect(one).toMatchObject({ title: 'Ash', creators: ['Ursula'] })
  expect(titles(one)).toEqual(['Ash', 'Ursula', 'Earthsea', 'Cast'])
  const of = { room: null, kind: null, conversation: room.conversation }
  const all = await world.execute(ann, { type: 'artefact.export', of })
  expect(titles(all)).toEqual(['Ursula', 'Earthsea', 'Cast', 'Ash', 'Other'])
  expect(all).toMatchObject({ title: 'Ash', creators: ['Ursula'] })
  expect(titles(await world.execute(ann, { type: 'artefact.export', of: { ...of, kind: 'characters' } }))).toEqual([
    'Cast',
  ])
  const none = { ...of, kind: 'ticket' }
  expect(await refusedFor(world, ann, { type: 'artefact.export', of: none })).toMatchObject({
    code: 'artefact_unknown',
  })
  const long = { title: 'Long', plot: 'x'.repeat(50_000), premise: 'y'.repeat(3_000) }
  for (let count = 0; count < 40; count++) await save('plot', long)
  expect(await refusedFor(world, ann, { type: 'artefact.export', of })).toEqual({ code: 'export_too_large' })
})
