import { expect } from 'vitest'
import type { MessageId, RoomId } from '../../src/core/ids.ts'
import { rule } from './store-rule.ts'
import { newId, newUser, type OpenStore, retryOf, START, worldOn } from './store-world.ts'

export function messageRules(open: OpenStore): void {
  rule(open, '[STORE-10] a message comes back exactly as it was sent', async world => {
    const { store, write, draft, person } = world
    const ann = await person('ann')
    const bodies = [
      'plain',
      '  spaces \r\n and lines\n',
      'e\u0301 is not \u00e9',
      '👩‍👩‍👧 \u202e',
      'a\0b',
      "'; DROP TABLE messages",
    ]
    const conversation = (await store.room(store.lobby))?.conversation
    for (const [index, body] of bodies.entries()) {
      const replyTo = newId<MessageId>()
      const message = draft(ann, { body, replyTo, kind: 'system', retry: retryOf(`c${index}`, body) })
      const appended = await write(message)
      expect(appended).toEqual({
        state: 'stored',
        number: expect.any(Number),
        seq: index + 1,
        ordinal: index + 1,
        at: START,
        conversation,
        run: null,
      })
      expect(await store.message(message.id)).toEqual({
        id: message.id,
        number: appended.state === 'stored' && appended.number,
        room: store.lobby,
        seq: index + 1,
        ordinal: index + 1,
        sender: ann.id,
        kind: 'system',
        body,
        clientId: `c${index}`,
        replyTo,
        conversation,
        run: null,
        at: START,
        editedAt: null,
        deletedAt: null,
      })
    }
  })

  rule(open, '[STORE-10] numbers rise through the whole server and are never given twice', async world => {
    const { person, direct, send, trim } = world
    const ann = await person('ann')
    const room = await direct(ann, await person('ben'))
    const first = await send(ann)
    const second = await send(ann, { room })
    expect(second.number).toBeGreaterThan(first.number)
    await trim(room, 0)
    expect((await send(ann)).number).toBeGreaterThan(second.number)
  })

  rule(
    open,
    '[STORE-11] sending is refused in a room that is not there, and to those who are not members',
    async world => {
      const { store, refusal, draft, person, direct, leave } = world
      const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
      const room = await direct(ann, ben)
      expect(await refusal(draft(ann, { room: newId<RoomId>() }))).toEqual({ code: 'room_unknown' })
      expect(await refusal(draft(cat, { room }))).toEqual({ code: 'not_member' })
      expect(await refusal(draft(ann, { room: store.directory }))).toEqual({ code: 'not_member' })
      expect(await refusal(draft(newUser('stranger')))).toEqual({ code: 'not_member' })
      await leave(ann)
      expect(await refusal(draft(ann, { room }))).toEqual({ code: 'not_member' })
      expect(await store.heads([store.lobby, room])).toEqual([0, 0])
    },
  )

  rule(
    open,
    '[STORE-12] a repeat is answered with the first message, as it is now, and stores nothing',
    async world => {
      const { store, write, draft, person, send, edit } = world
      const ann = await person('ann')
      const retry = retryOf('c1', 'hello')
      const first = await send(ann, { retry })
      expect(await write(draft(ann, { retry }))).toEqual({ state: 'repeated', first })
      const { message } = await edit(first.id, 'better')
      expect(await write(draft(ann, { retry }))).toEqual({ state: 'repeated', first: message })
      expect(await store.heads([store.lobby])).toEqual([2])
    },
  )

  rule(
    open,
    '[STORE-12] two attempts in one group store one message',
    async ({ commit, draft, person, historyIds }) => {
      const ann = await person('ann')
      const retry = retryOf('c1', 'hello')
      const first = draft(ann, { retry })
      const [stored, repeated] = await commit(first, draft(ann, { retry }))
      expect(stored).toMatchObject({ value: { state: 'stored' } })
      expect(repeated).toMatchObject({ value: { state: 'repeated', first: { id: first.id } } })
      expect(await historyIds()).toEqual([first.id])
    },
  )

  rule(
    open,
    '[STORE-13] a client id with another digest is a new message or an error, as the sender says',
    async world => {
      const { write, refusal, draft, person } = world
      const [ann, ben] = [await person('ann'), await person('ben')]
      await write(draft(ann, { retry: retryOf('c1', 'one') }))
      expect(await refusal(draft(ann, { retry: retryOf('c1', 'two', 'refuse') }))).toEqual({ code: 'id_conflict' })
      expect(await write(draft(ann, { retry: retryOf('c1', 'two') }))).toMatchObject({ state: 'stored', ordinal: 2 })
      expect(await write(draft(ann, { retry: retryOf('c1', 'one', 'refuse') }))).toMatchObject({ state: 'repeated' })
      expect(await write(draft(ann, { retry: retryOf('c11', 'one', 'refuse') }))).toMatchObject({ state: 'stored' })
      expect(await write(draft(ben, { retry: retryOf('c1', 'three', 'refuse') }))).toMatchObject({ state: 'stored' })
      expect(await write(draft(ben, { retry: retryOf('c1', 'one') }))).toMatchObject({ state: 'stored' })
    },
  )

  rule(
    open,
    '[STORE-14] a repeat is known for ever: after deletion, erasure, restart and the end of its sender',
    async (world, under) => {
      const { write, draft, person, send, edit, remove, trim } = world
      const ann = await person('ann')
      const replyTo = newId<MessageId>()
      const [deleted, erased] = [retryOf('c1', 'one'), retryOf('c2', 'two')]
      const one = await send(ann, { retry: deleted })
      const two = await send(ann, { retry: erased, kind: 'system', replyTo, at: START + 1 })
      await edit(two.id, 'edited', START + 2)
      const { message } = await remove(one.id, START + 3)
      expect(message).toEqual({ ...one, body: '', deletedAt: START + 3 })
      expect(await write(draft(ann, { retry: deleted }))).toEqual({ state: 'repeated', first: message })
      await trim(world.store.lobby, 0)
      const left = { ...two, body: '', editedAt: START + 2 }
      expect(await write(draft(ann, { retry: erased }))).toEqual({ state: 'repeated', first: left })
      expect(await write(draft(ann, { retry: deleted }))).toEqual({ state: 'repeated', first: message })
      await world.leave(ann)
      const after = under.reopen ? worldOn(await under.reopen()) : world
      expect(await after.write(draft(ann, { retry: erased }))).toEqual({ state: 'repeated', first: left })
    },
  )

  rule(open, '[STORE-15] an edit changes the text alone and is told in the log of the room', async world => {
    const { store, person, send, edit, refusal } = world
    const message = await send(await person('ann'))
    const edited = { ...message, body: 'better', editedAt: START + 7 }
    expect(await edit(message.id, 'better', START + 7)).toEqual({ message: edited, seq: 2 })
    expect(await store.message(message.id)).toEqual(edited)
    const unknown = newId<MessageId>()
    expect(await refusal({ type: 'message.edit', id: unknown, body: 'x', at: START })).toEqual({
      code: 'message_unknown',
      id: unknown,
    })
  })

  rule(open, '[STORE-16] a deleted message keeps its place and loses its text', async world => {
    const { store, person, send, remove, refusal, historyIds } = world
    const ann = await person('ann')
    const message = await send(ann)
    const next = await send(ann)
    const deleted = { ...message, body: '', deletedAt: START + 7 }
    expect(await remove(message.id, START + 7)).toEqual({ message: deleted, seq: 3 })
    expect(await store.message(message.id)).toBeUndefined()
    expect(await historyIds()).toEqual([next.id])
    expect((await send(ann)).ordinal).toBe(3)
    const gone = { code: 'message_unknown', id: message.id }
    expect(await refusal({ type: 'message.delete', id: message.id, at: START })).toEqual(gone)
    expect(await refusal({ type: 'message.edit', id: message.id, body: 'x', at: START })).toEqual(gone)
  })

  rule(open, '[STORE-17] the log shows messages as they are now, in order, a page at a time', async world => {
    const { store, person, send, edit, remove, trim } = world
    const ann = await person('ann')
    const [one, two, three] = [await send(ann), await send(ann), await send(ann)]
    const edited = (await edit(two.id, 'better')).message
    const deleted = (await remove(three.id)).message
    expect(await store.log(store.lobby, 0, 100)).toEqual([
      { seq: 1, at: START, type: 'message.sent', message: one },
      { seq: 2, at: START, type: 'message.sent', message: edited },
      { seq: 3, at: START, type: 'message.sent', message: deleted },
      { seq: 4, at: START, type: 'message.edited', message: edited },
      { seq: 5, at: START, type: 'message.deleted', message: deleted },
    ])
    await trim(store.lobby, 1)
    const gone = await store.log(store.lobby, 0, 100)
    expect(gone.map(row => row.type)).toEqual(['gone', 'gone', 'message.sent', 'gone', 'message.deleted'])
    expect((await store.log(store.lobby, 1, 2)).map(row => row.seq)).toEqual([2, 3])
    expect(await store.log(store.lobby, 5, 10)).toEqual([])
    expect(await store.log(newId<RoomId>(), 0, 10)).toEqual([])
  })
}
