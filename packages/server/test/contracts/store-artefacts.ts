import { expect } from 'vitest'
import { ARTEFACT_VERSIONS_MAX, ARTEFACTS_MAX, type Artefact } from '../../src/core/artefact.ts'
import type { ArtefactId, RoomId, RunId } from '../../src/core/ids.ts'
import type { ArtefactQuery } from '../../src/core/ports/store.ts'
import type { WriteOf } from '../../src/core/ports/writes.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { newId, newUser, type OpenStore, START, type World } from './store-world.ts'

type Make = WriteOf<'artefact.make'>

function draftFor(owner: User, over: Partial<Make['artefact']> = {}, content: Partial<Make> = {}): Make {
  const where = { room: newId<RoomId>(), conversation: 7, run: newId<RunId>() }
  const artefact = { id: newId<ArtefactId>(), team: 'books', kind: 'plot', owner: owner.id, ...where, ...over }
  return {
    type: 'artefact.make',
    artefact,
    by: owner.id,
    at: START,
    title: 'A',
    data: { title: 'A' },
    links: [],
    ...content,
  }
}

const make = async ({ write }: World, ...draft: Parameters<typeof draftFor>): Promise<Artefact> =>
  (await write(draftFor(...draft))).artefact

const changeOf = ({ id, version }: Artefact, owner: User, over: Partial<WriteOf<'artefact.change'>> = {}) => {
  const content = { title: 'B', data: { title: 'B' }, links: [] }
  return { type: 'artefact.change', id, expected: version, by: owner.id, at: START + 1, ...content, ...over } as const
}

const ALL = { limit: 100, offset: 0 }
const listOf = (owner: User, over: Partial<ArtefactQuery> = {}): ArtefactQuery => ({
  of: { owner: owner.id },
  ...{ kind: null, conversation: null, ...ALL, ...over },
})

async function erase({ write }: World, limit = 3): Promise<void> {
  while ((await write({ type: 'artefact.erase', limit })).removed === limit);
}

export function artefactRules(open: OpenStore): void {
  rule(
    open,
    '[STORE-170] an artefact comes back as it was made; each change makes a version and keeps those before',
    async world => {
      const { store, person, write } = world
      const [ann, agent] = [await person('ann'), await person('agent')]
      const data = { title: 'Ünï "☃" \u0000', list: [{ n: 1.5 }, []], nested: { __proto__x: true, none: null } }
      const draft = draftFor(ann, {}, { by: agent.id, title: 'Ünï', data })
      const { artefact } = await write(draft)
      const times = { createdAt: START, changedAt: START }
      expect(artefact).toEqual({ ...draft.artefact, title: 'Ünï', version: 1, ...times, data, links: [] })
      expect(await store.artefact(artefact.id)).toEqual(artefact)
      const { data: _, links: __, ...head } = artefact
      expect(await store.artefactHeads([newId<ArtefactId>(), artefact.id])).toEqual([head])
      const changed = { ...artefact, title: 'B', version: 2, changedAt: START + 1, data: { title: 'B' } }
      expect(await write(changeOf(artefact, ann))).toEqual({ artefact: changed })
      expect(await store.artefact(artefact.id)).toEqual(changed)
      const [first, second] = [
        { version: 1, title: 'Ünï', by: agent.id, at: START },
        { version: 2, title: 'B', by: ann.id, at: START + 1 },
      ]
      expect(await store.artefactVersions(artefact.id, ALL)).toEqual({ items: [second, first], total: 2 })
      expect(await store.artefactVersions(artefact.id, { limit: 1, offset: 1 })).toEqual({ items: [first], total: 2 })
      expect(await store.artefactVersion(artefact.id, 1)).toEqual({ ...first, data })
      for (const none of [0, 3]) expect(await store.artefactVersion(artefact.id, none)).toBeUndefined()
      expect(await store.artefactVersions(newId<ArtefactId>(), ALL)).toEqual({ items: [], total: 0 })
    },
  )

  rule(
    open,
    '[STORE-171] a change needs the version it was made from, an owner is there, and there is an end to both',
    async world => {
      const { store, person, commit, refusal } = world
      const [ann, gone] = [await person('ann'), await person('gone')]
      await world.leave(gone)
      expect(await refusal(draftFor(gone))).toEqual({ code: 'user_unknown', name: gone.id })
      const artefact = await make(world, ann)
      expect(await refusal(draftFor(ann, { id: artefact.id }))).toEqual({ code: 'id_conflict' })
      for (const expected of [0, 2])
        expect(await refusal(changeOf(artefact, ann, { expected }))).toEqual({ code: 'version_conflict', version: 1 })
      const id = newId<ArtefactId>()
      expect(await refusal(changeOf({ ...artefact, id }, ann))).toEqual({ code: 'artefact_unknown', id })
      expect(await refusal({ type: 'artefact.delete', id, at: START })).toEqual({ code: 'artefact_unknown', id })
      const versions = Array.from({ length: ARTEFACT_VERSIONS_MAX - 1 }, (_, index) => index + 1)
      await commit(...versions.map(expected => changeOf(artefact, ann, { expected })))
      const last = { ...artefact, version: ARTEFACT_VERSIONS_MAX }
      expect(await store.artefact(artefact.id)).toMatchObject({ version: ARTEFACT_VERSIONS_MAX })
      expect(await refusal(changeOf(last, ann))).toEqual({ code: 'storage_insufficient' })
      await commit(...Array.from({ length: ARTEFACTS_MAX - 1 }, () => draftFor(ann)))
      expect(await refusal(draftFor(ann))).toEqual({ code: 'storage_insufficient' })
      await make(world, await person('ben'))
    },
  )

  rule(
    open,
    '[STORE-172] artefacts are listed newest first: of an owner or a room, of a kind, of a conversation',
    async world => {
      const { store, person } = world
      const [ann, ben] = [await person('ann'), await person('ben')]
      const room = newId<RoomId>()
      const a = await make(world, ann, { room })
      const b = await make(world, ann, { kind: 'author' }, { at: START + 9 })
      const c = await make(world, ben, { room, conversation: null }, { at: START + 5 })
      const d = await make(world, ann, { conversation: 8 }, { at: START - 5 })
      const titles = async (query: ArtefactQuery) => (await store.artefacts(query)).items.map(({ id }) => id)
      expect(await titles(listOf(ann))).toEqual([d.id, b.id, a.id])
      expect(await titles(listOf(ann, { kind: 'plot' }))).toEqual([d.id, a.id])
      expect(await titles(listOf(ann, { kind: 'plot', conversation: 8 }))).toEqual([d.id])
      expect(await titles(listOf(ann, { of: { room, since: 0 } }))).toEqual([c.id, a.id])
      expect(await titles(listOf(ann, { of: { room, since: START + 5 } }))).toEqual([c.id])
      expect(await titles(listOf(ann, { of: { room, since: 0 }, conversation: 7 }))).toEqual([a.id])
      const { data: _, links: __, ...head } = b
      expect(await store.artefacts(listOf(ann, { limit: 1, offset: 1 }))).toEqual({ items: [head], total: 3 })
      expect(await store.artefacts(listOf(ann, { offset: 3 }))).toEqual({ items: [], total: 3 })
    },
  )

  rule(open, '[STORE-173] links are those of the latest version, to what there is', async world => {
    const { store, person, write, refusal } = world
    const ann = await person('ann')
    const [one, two] = [await make(world, ann), await make(world, ann)]
    const links = [
      { field: 'author', to: one.id },
      { field: 'world', to: one.id },
      { field: 'world', to: two.id },
    ]
    const three = await make(world, ann, {}, { links })
    expect(three.links).toHaveLength(3)
    expect(new Set(three.links)).toEqual(new Set(links))
    const id = newId<ArtefactId>()
    const broken = { links: [links[0]!, { field: 'x', to: id }] }
    expect(await refusal(draftFor(ann, {}, broken))).toEqual({ code: 'artefact_unknown', id })
    expect(await refusal(changeOf(three, ann, broken))).toEqual({ code: 'artefact_unknown', id })
    expect(await store.artefact(three.id)).toEqual(three)
    await write({ type: 'artefact.delete', id: one.id, at: START })
    expect((await store.artefact(three.id))?.links).toEqual([links[2]])
    expect(await refusal(changeOf(three, ann, { links: [links[0]!] }))).toEqual({
      code: 'artefact_unknown',
      id: one.id,
    })
    expect((await write(changeOf(three, ann, { links: [links[2]!] }))).artefact.links).toEqual([links[2]])
    expect((await write(changeOf({ ...three, version: 2 }, ann))).artefact.links).toEqual([])
  })

  rule(
    open,
    '[STORE-174] what is deleted is found no more, and then erased a slice at a time, with nothing else',
    async world => {
      const { store, person, write, refusal } = world
      const ann = await person('ann')
      const kept = await make(world, ann)
      const gone = await make(world, ann, {}, { links: [{ field: 'x', to: kept.id }] })
      await write(changeOf(gone, ann, { links: [{ field: 'x', to: kept.id }] }))
      const from = await make(world, ann, {}, { links: [{ field: 'x', to: gone.id }] })
      await write({ type: 'artefact.delete', id: gone.id, at: START })
      const check = async () => {
        expect(await store.artefact(gone.id)).toBeUndefined()
        expect(await store.artefactHeads([gone.id])).toEqual([])
        expect(await store.artefactVersion(gone.id, 1)).toBeUndefined()
        expect(await store.artefactVersions(gone.id, ALL)).toEqual({ items: [], total: 0 })
        expect((await store.artefacts(listOf(ann))).items.map(({ id }) => id)).toEqual([from.id, kept.id])
        const unknown = { code: 'artefact_unknown', id: gone.id }
        expect(await refusal({ type: 'artefact.delete', id: gone.id, at: START })).toEqual(unknown)
        expect(await store.artefact(from.id)).toEqual({ ...from, links: [] })
      }
      await check()
      await erase(world, 2)
      await check()
      expect(await write({ type: 'artefact.erase', limit: 9 })).toEqual({ removed: 0 })
      expect(await store.artefact(kept.id)).toEqual(kept)
    },
  )

  rule(
    open,
    '[STORE-175] they go with their owner, a guest’s in the end with every trace, and outlive where they were made',
    async world => {
      const { store, person, roomOf, conversationOf, write } = world
      const [ann, ben] = [await person('ann'), await person('ben')]
      const guest = newUser('guest', { role: 'guest' })
      await write({ type: 'user.create', user: guest, key: null, ticket: null, at: START })
      const room = await roomOf(ann)
      const { number, room: own } = await conversationOf(ann)
      const [inRoom, inConversation] = [
        await make(world, ann, { room: room.id, conversation: room.conversation }),
        await make(world, ann, { room: own, conversation: number }),
      ]
      const bens = await make(world, ben, { room: room.id })
      const guests = await make(world, guest)
      await write({ type: 'conversation.delete', number, at: START })
      await write({ type: 'room.delete', room: room.id, at: START })
      for (const id of [own, room.id]) while ((await write({ type: 'room.erase', room: id, limit: 5 })).removed === 5);
      expect(await store.artefact(inRoom.id)).toEqual(inRoom)
      expect(await store.artefact(inConversation.id)).toEqual(inConversation)
      while (!(await write({ type: 'guest.erase', id: guest.id, limit: 2, at: START })).isDone);
      expect(await store.artefact(guests.id)).toBeUndefined()
      expect(await write({ type: 'artefact.erase', limit: 9 })).toEqual({ removed: 0 })
      await world.leave(ann)
      for (const { id } of [inRoom, inConversation]) expect(await store.artefact(id)).toBeUndefined()
      expect(await store.artefacts(listOf(ann))).toEqual({ items: [], total: 0 })
      await erase(world)
      expect(await store.artefact(bens.id)).toEqual(bens)
    },
  )
}
