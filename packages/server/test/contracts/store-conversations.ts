import { expect } from 'vitest'
import type { RoomId } from '../../src/core/ids.ts'
import { rule } from './store-rule.ts'
import { newId, type OpenStore, retryOf, START } from './store-world.ts'

const LIST = { limit: 100, offset: 0 }

export function conversationRules(open: OpenStore): void {
  rule(open, '[STORE-57] a person’s conversation has a room of its own, which ends with it', async world => {
    const { store, person, write, refusal, send } = world
    const ann = await person('ann')
    const id = newId<RoomId>()
    const opening = { type: 'conversation.open', owner: ann.id, room: { own: id }, title: 'Plans', at: START } as const
    const { conversation, room } = await write(opening)
    const { number } = conversation
    expect(conversation).toEqual({
      ...{ number: expect.any(Number), room: id, owner: ann.id },
      ...{ title: 'Plans', model: null, createdAt: START, lastAt: START },
    })
    expect(room).toEqual({
      ...{ id, kind: 'conversation', pair: null, label: null, name: 'Plans', owner: ann.id, assistant: 'always' },
      ...{ isClosed: false, conversation: number, createdAt: START, deletedAt: null },
    })
    expect([await store.room(id), await store.conversation(number)]).toEqual([room, conversation])
    expect(await store.members(id, { after: null, limit: 9 })).toEqual({ items: [ann.id], total: 1 })
    expect(await store.log(id, 0, 9)).toEqual([])
    expect(await refusal(opening)).toEqual({ code: 'id_conflict' })
    expect(await send(ann, { room: id, at: START + 3 })).toMatchObject({ conversation: number, seq: 1, ordinal: 1 })
    const retitled = { ...conversation, title: 'Other', lastAt: START + 3 }
    expect(await write({ type: 'conversation.change', number, title: 'Other' })).toEqual({ conversation: retitled })
    expect(await store.conversation(number)).toEqual(retitled)
    expect(await store.room(id)).toEqual({ ...room, name: 'Other' })
    const bare = { ...retitled, title: null, model: 'a/b' }
    expect(await write({ type: 'conversation.change', number, model: 'a/b' })).toEqual({
      conversation: { ...retitled, model: 'a/b' },
    })
    expect(await write({ type: 'conversation.change', number, title: null })).toEqual({ conversation: bare })
    expect([await store.conversation(number), await store.room(id)]).toEqual([bare, { ...room, name: '' }])
    await write({ type: 'conversation.change', number, title: 'Other' })
    const ended = { ...room, name: 'Other', deletedAt: START + 5 }
    expect(await write({ type: 'conversation.delete', number, at: START + 5 })).toEqual({
      ...{ room: ended, seq: 2, at: START + 5 },
    })
    expect(await store.room(id)).toEqual(ended)
    expect(await store.conversation(number)).toBeUndefined()
    const unknown = { code: 'conversation_unknown', id: `${number}` }
    expect(await refusal({ type: 'conversation.delete', number, at: START })).toEqual(unknown)
    expect(await refusal({ type: 'conversation.change', number, title: 'x' })).toEqual(unknown)
  })

  rule(open, '[STORE-58] in a private room members have conversations of their own', async world => {
    const { store, person, roomOf, enter, write, refusal, conversationOf, send, draft } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = await roomOf(ann, { kind: 'private' })
    const opening = { type: 'conversation.open', title: 'Mine', at: START } as const
    const inRoom = { in: room.id } as const
    expect(await refusal({ ...opening, owner: ben.id, room: inRoom })).toEqual({ code: 'not_member' })
    const shared = await roomOf(ann)
    for (const id of [newId<RoomId>(), shared.id, store.lobby]) {
      expect(await refusal({ ...opening, owner: ann.id, room: { in: id } })).toEqual({ code: 'room_unknown' })
    }
    await enter(ben, room.id)
    const { conversation } = await write({ ...opening, owner: ann.id, room: inRoom })
    const { number } = conversation
    expect(conversation).toMatchObject({ room: room.id, owner: ann.id, title: 'Mine' })
    const [bens, own] = [await conversationOf(ben, room.id), await conversationOf(ann)]
    const elsewhere = await conversationOf(ann, (await roomOf(ann, { kind: 'private' })).id)
    const retry = retryOf('c1', 'x')
    const sent = await send(ann, { room: room.id, conversation: number, retry })
    expect(sent).toMatchObject({ conversation: number })
    expect(await send(ann, { room: room.id })).toMatchObject({ conversation: null })
    for (const wrong of [bens.number, own.number, elsewhere.number, shared.conversation!, 999_999]) {
      const draftOf = draft(ann, { room: room.id, conversation: wrong })
      expect(await refusal(draftOf)).toEqual({ code: 'conversation_unknown', id: `${wrong}` })
    }
    expect(await store.heads([room.id])).toEqual([4])
    expect((await store.log(room.id, 2, 1))[0]).toMatchObject({ type: 'message.sent', message: sent })
    const unknown = { code: 'conversation_unknown', id: `${number}` }
    expect(await write({ type: 'conversation.delete', number, at: START })).toEqual({
      ...{ room: null, seq: 0, at: START },
    })
    expect(await refusal(draft(ann, { room: room.id, conversation: number }))).toEqual(unknown)
    expect(await store.message(sent.id)).toEqual(sent)
    expect(await write(draft(ann, { room: room.id, conversation: number, retry }))).toEqual({
      ...{ state: 'repeated', first: sent },
    })
    await world.trim(room.id, 0)
    expect(await store.firstSent(ann.id, 'c1', retry.digest)).toEqual({ ...sent, body: '' })
    expect(await conversationOf(ann, room.id)).not.toMatchObject({ number })
  })

  rule(open, '[STORE-58] where a room has a conversation, or none, messages can’t choose', async world => {
    const { store, person, roomOf, conversationOf, direct, send, refusal, draft, write } = world
    const ann = await person('ann')
    const own = await conversationOf(ann)
    const [shared, lobby] = [await roomOf(ann, { kind: 'group' }), (await store.room(store.lobby))!]
    for (const { id, conversation } of [shared, lobby]) {
      expect(await write(draft(ann, { room: id, conversation: own.number }))).toMatchObject({ conversation })
      expect(await send(ann, { room: id })).toMatchObject({ conversation, run: null })
      const number = conversation!
      const found = { number, room: id, owner: null, title: null }
      expect(await store.conversation(number)).toMatchObject({ ...found, lastAt: START })
      const unknown = { code: 'conversation_unknown', id: `${number}` }
      expect(await refusal({ type: 'conversation.delete', number, at: START })).toEqual(unknown)
    }
    const room = await direct(ann, ann)
    expect(await send(ann, { room })).toMatchObject({ conversation: null })
    const named = draft(ann, { room, conversation: own.number })
    expect(await refusal(named)).toEqual({ code: 'conversation_unknown', id: `${own.number}` })
  })

  rule(open, '[STORE-59] conversations are listed by their latest message, the latest first', async world => {
    const { store, person, roomOf, conversationOf, send, sendMany, write, trim } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = await roomOf(ann, { kind: 'private' })
    const shared = await roomOf(ann)
    const opened = []
    for (const at of [1, 2, 3, 3]) opened.push(await conversationOf(ann, at % 2 ? room.id : null, START + at))
    await send(ann, { room: opened[1]!.room, at: START + 2 })
    await conversationOf(ben)
    const numbers = async (page = LIST) => (await store.conversations(ann.id, page)).items.map(one => one.number)
    const [a, b, c, d] = opened.map(one => one.number)
    expect(await numbers()).toEqual([d, c, b, a])
    const inA = { room: room.id, conversation: a! }
    await sendMany(ann, 3, { ...inA, at: START + 10 })
    await send(ann, { room: opened[1]!.room, at: START + 11 })
    expect(await numbers()).toEqual([b, a, d, c])
    await send(ann, { ...inA, at: START + 12 })
    expect(await numbers()).toEqual([a, b, d, c])
    const list = await store.conversations(ann.id, { limit: 2, offset: 1 })
    expect(list).toEqual({ items: [{ ...opened[1]!, lastAt: START + 11 }, opened[3]], total: 4 })
    // Its time stays where its messages are gone.
    await trim(room.id, 0)
    expect((await store.conversation(a!))?.lastAt).toBe(START + 12)
    await send(ann, { room: shared.id, at: START + 20 })
    await trim(shared.id, 0)
    expect((await store.conversation(shared.conversation!))?.lastAt).toBe(START + 20)
    await write({ type: 'room.delete', room: room.id, at: START })
    expect(await store.conversations(ann.id, LIST)).toMatchObject({ items: [{ number: b }], total: 1 })
  })

  rule(
    open,
    '[STORE-195] a conversation in which nothing was said is not listed, but found by its session',
    async world => {
      const { store, person, send, write } = world
      const [ann, ben] = [await person('ann'), await person('ben')]
      const openOne = async (owner: typeof ann, session: string, at: number) => {
        const room = { own: newId<RoomId>() } as const
        return (await write({ type: 'conversation.open', owner: owner.id, room, title: null, session, at }))
          .conversation
      }
      const [silent, said] = [await openOne(ann, 'a/1', START + 1), await openOne(ann, 'a/2', START)]
      await openOne(ann, 'b/1', START)
      await openOne(ben, 'a/1', START)
      expect(await store.conversations(ann.id, LIST)).toEqual({ items: [], total: 0 })
      const { id } = await send(ann, { room: said.room, at: START })
      const list = { items: [said], total: 1 }
      expect(await store.conversations(ann.id, LIST)).toEqual(list)
      await world.remove(id)
      expect(await store.conversations(ann.id, LIST)).toEqual(list)
      const sessions = [
        { session: 'a/1', conversation: silent },
        { session: 'a/2', conversation: said },
      ]
      expect(await store.sessionsOf(ann.id, 'a/', LIST)).toEqual({ items: sessions, total: 2 })
      expect(await store.sessionsOf(ann.id, 'a/', { limit: 1, offset: 1 })).toEqual({ items: [sessions[1]], total: 2 })
      await write({ type: 'conversation.let_go', number: silent.number })
      expect((await store.sessionsOf(ann.id, 'a/', LIST)).total).toBe(1)
    },
  )
}
