import { expect } from 'vitest'
import type { RoomId } from '../../src/core/ids.ts'
import { rule } from './store-rule.ts'
import { newId, newUser, type OpenStore, retryOf, START, worldOn } from './store-world.ts'

export function roomLifeRules(open: OpenStore): void {
  rule(open, '[STORE-24] a room has its maker in it, and keeps what it was made of', async (world, under) => {
    const { store, person, write } = world
    const ann = await person('ann')
    const numbers = new Set<number | null>()
    for (const kind of ['private', 'shared', 'group'] as const) {
      const room = { id: newId<RoomId>(), kind, label: `a ${kind}`, name: 'Näme', assistant: 'off' as const }
      const made = await write({ type: 'room.create', room: { ...room, owner: ann.id }, at: START + 1 })
      const whole = { ...room, owner: ann.id, pair: null, isClosed: false, createdAt: START + 1, deletedAt: null }
      const conversation = kind === 'private' ? null : expect.any(Number)
      expect(made).toEqual({ room: { ...whole, conversation }, seq: 1, at: START + 1, members: 1 })
      expect(await store.room(room.id)).toEqual(made.room)
      expect(await store.labelled(room.label)).toEqual(made.room)
      expect(await store.membership(room.id, ann.id)).toEqual({ joinedAt: START + 1, sinceSeq: 0, since: 0 })
      expect(await store.log(room.id, 0, 9)).toEqual([{ seq: 1, at: START + 1, type: 'member.joined', user: ann }])
      numbers.add(made.room.conversation)
    }
    expect(numbers.size).toBe(3)
    const again = under.reopen ? await under.reopen() : store
    expect(await again.labelled('a group')).toMatchObject({ kind: 'group', owner: ann.id, name: 'Näme' })
  })

  rule(open, '[STORE-24] a label belongs to one room for ever, and a room to somebody', async world => {
    const { store, person, write, refusal, roomOf } = world
    const ann = await person('ann')
    const gone = await roomOf(ann, { label: 'gone' })
    await write({ type: 'room.delete', room: gone.id, at: START })
    await roomOf(ann, { label: 'here' })
    const room = { id: newId<RoomId>(), kind: 'shared', name: '', owner: ann.id, assistant: 'off' } as const
    for (const label of ['gone', 'here', 'lobby']) {
      const make = { type: 'room.create', room: { ...room, label }, at: START } as const
      expect(await refusal(make)).toEqual({ code: 'room_exists' })
    }
    const ben = await person('ben')
    await world.leave(ben)
    for (const owner of [newUser('stranger').id, ben.id]) {
      const make = { type: 'room.create', room: { ...room, owner, label: 'new' }, at: START } as const
      expect(await refusal(make)).toEqual({ code: 'user_unknown', name: owner })
    }
    const taken = { type: 'room.create', room: { ...room, id: gone.id, label: 'new' }, at: START } as const
    expect(await refusal(taken)).toEqual({ code: 'id_conflict' })
    expect(await store.labelled('new')).toBeUndefined()
    // Case and form are part of a label.
    expect(await roomOf(ann, { label: 'Here' })).toMatchObject({ label: 'Here' })
  })

  rule(open, '[STORE-25] a change sets what it names and is told in the log of the room', async world => {
    const { store, person, write, refusal, roomOf, enter } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = await roomOf(ann, { kind: 'private' })
    const change = { type: 'room.change', room: room.id, at: START + 5 } as const
    const closed = { ...room, isClosed: true, name: 'Other' }
    expect(await write({ ...change, patch: { isClosed: true, name: 'Other' } })).toEqual({
      ...{ room: closed, seq: 2, at: START + 5 },
    })
    expect(await refusal({ ...change, patch: { owner: ben.id, name: 'x' } })).toEqual({ code: 'not_member' })
    await enter(ben, room.id)
    const handed = { ...closed, owner: ben.id, assistant: 'always' }
    expect(await write({ ...change, at: START, patch: { owner: ben.id, assistant: 'always' } })).toEqual({
      ...{ room: handed, seq: 4, at: START + 5 },
    })
    expect(await store.room(room.id)).toEqual(handed)
    const types = (await store.log(room.id, 0, 9)).map(row => row.type)
    expect(types).toEqual(['member.joined', 'room.changed', 'member.joined', 'room.changed'])
    expect(await refusal({ ...change, room: newId<RoomId>(), patch: {} })).toEqual({ code: 'room_unknown' })
  })

  rule(open, '[STORE-26] in a deleted room is nobody, and nothing of it is found but its name', async world => {
    const { store, person, write, refusal, roomOf, enter, send, draft, read } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = await roomOf(ann, { label: 'gone' })
    await enter(ben, room.id)
    const retry = retryOf('c1', 'x')
    const message = await send(ann, { room: room.id, retry })
    await read(ben, message.id)
    const deleted = { ...room, deletedAt: START + 7 }
    expect(await write({ type: 'room.delete', room: room.id, at: START + 7 })).toEqual({
      ...{ room: deleted, seq: 4, at: START + 7 },
    })
    expect([await store.room(room.id), await store.labelled('gone')]).toEqual([deleted, deleted])
    expect(await store.membership(room.id, ann.id)).toBeUndefined()
    expect(await store.members(room.id, { after: null, limit: 9 })).toEqual({ items: [], total: 0 })
    expect((await store.memberships(ann.id)).map(one => one.room.id)).toEqual([store.lobby])
    expect(await store.roomList(ben.id, { limit: 9, offset: 0 })).toMatchObject({ total: 1 })
    expect(await store.message(message.id)).toBeUndefined()
    expect(await store.receipts(message.id)).toEqual([])
    expect(await store.conversation(room.conversation!)).toBeUndefined()
    const asked = { room: room.id, above: 0, conversation: null, where: { newest: true }, limit: 9 } as const
    expect(await store.roomHistory(asked)).toEqual({ items: [], isMoreBefore: false, isMoreAfter: false })
    const types = (await store.log(room.id, 0, 9)).map(row => row.type)
    expect(types).toEqual(['member.joined', 'member.joined', 'gone', 'room.deleted'])
    expect(await store.heads([room.id])).toEqual([4])

    const [at, user, id] = [START, ben.id, message.id]
    expect(await write(draft(ann, { room: room.id, retry }))).toMatchObject({ first: { id, body: '' } })
    const unknown = { code: 'room_unknown' }
    expect(await refusal(draft(ann, { room: room.id }))).toEqual(unknown)
    expect(await refusal({ type: 'room.delete', room: room.id, at })).toEqual(unknown)
    expect(await refusal({ type: 'room.change', room: room.id, patch: {}, at })).toEqual(unknown)
    expect(await refusal({ type: 'room.trim', room: room.id, keep: 0, limit: 9 })).toEqual(unknown)
    expect(await refusal({ type: 'member.join', room: room.id, user, at })).toEqual(unknown)
    expect(await refusal({ type: 'member.leave', room: room.id, user, at })).toEqual(unknown)
    expect(await refusal({ type: 'read.room', room: room.id, user, upTo: 'head', at })).toEqual({ code: 'not_member' })
    for (const type of ['message.delete', 'read.message'] as const) {
      expect(await refusal({ type, id, user, at })).toEqual({ code: 'message_unknown', id })
    }
    expect(await refusal({ type: 'message.edit', id, body: 'x', at })).toEqual({ code: 'message_unknown', id })
  })

  rule(open, '[STORE-26] the lobby and direct rooms stay', async ({ store, person, direct, refusal, send }) => {
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = await direct(ann, ben)
    for (const one of [room, store.lobby, store.directory, newId<RoomId>()]) {
      expect(await refusal({ type: 'room.delete', room: one, at: START })).toEqual({ code: 'room_unknown' })
    }
    expect(await send(ann, { room })).toMatchObject({ ordinal: 1 })
  })

  rule(open, '[STORE-27] what a deleted room held is erased a slice at a time; retry keys stay', async world => {
    const { store, person, write, refusal, roomOf, enter, sendMany, send, readAll, draft } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const [room, other] = [await roomOf(ann), await roomOf(ann)]
    await enter(ben, room.id)
    await enter(ben, other.id)
    const retry = retryOf('c1', 'x')
    const [first] = [await send(ann, { room: room.id, retry }), await sendMany(ann, 12, { room: room.id })]
    const kept = await sendMany(ann, 2, { room: other.id })
    await readAll(ben, { room: room.id })
    const erase = { type: 'room.erase', room: room.id, limit: 4 } as const
    expect(await refusal(erase)).toEqual({ code: 'room_unknown' })
    expect(await refusal({ ...erase, room: newId<RoomId>() })).toEqual({ code: 'room_unknown' })
    expect(await store.deletedRooms(9)).toEqual([])
    await write({ type: 'room.delete', room: room.id, at: START })
    expect(await store.deletedRooms(9)).toEqual([room.id])
    expect(await store.deletedRooms(0)).toEqual([])
    let rounds = 0
    for (let removed = 4; removed > 0; rounds++) {
      removed = (await write(erase)).removed
      expect(removed).toBeLessThanOrEqual(4)
    }
    expect(rounds).toBeGreaterThan(3)
    expect(await write(erase)).toEqual({ removed: 0 })
    expect(await store.deletedRooms(9)).toEqual([])
    const repeated = { state: 'repeated', first: { ...first, body: '' } }
    expect(await write(draft(ann, { room: room.id, retry }))).toEqual(repeated)
    expect(await store.labelled(room.label!)).toMatchObject({ id: room.id, deletedAt: START })
    expect((await store.log(room.id, 0, 99)).map(row => row.type).slice(-2)).toEqual(['gone', 'room.deleted'])
    for (const id of kept) expect(await store.message(id)).toBeDefined()
    expect(await store.members(other.id, { after: null, limit: 9 })).toMatchObject({ total: 2 })
  })

  rule(open, '[STORE-28] Token Bowl’s counts, lists and history know the lobby and direct rooms only', async world => {
    const { store, person, roomOf, conversationOf, enter, send, unread, unreadIds, historyIds, direct } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const rooms = [await roomOf(ann), await roomOf(ann, { kind: 'private' }), await roomOf(ann, { kind: 'group' })]
    for (const room of rooms) {
      await enter(ben, room.id)
      await send(ann, { room: room.id })
    }
    const own = await conversationOf(ben)
    await send(ben, { room: own.room })
    const [inLobby, inDirect] = [await send(ann), await send(ann, { room: await direct(ann, ben) })]
    expect(await unread(ben)).toEqual({ lobby: 1, direct: 1 })
    expect([await unreadIds(ben, 'lobby'), await unreadIds(ben, 'direct')]).toEqual([[inLobby.id], [inDirect.id]])
    for (const of of [{ scope: 'direct', user: ben.id }, { scope: 'all-direct' }] as const) {
      expect(await historyIds({ of })).toEqual([inDirect.id])
    }
    expect(await historyIds()).toEqual([inLobby.id])
    expect(await store.unreadRooms(ben.id, 'lobby')).toEqual([store.lobby])
    expect(await store.unreadRooms(ben.id, 'direct')).toEqual([inDirect.room])
  })

  rule(
    open,
    '[STORE-8] rooms, members and conversations are there after a restart and a crash',
    async (world, under) => {
      const { person, roomOf, conversationOf, enter, send, exit } = world
      const [ann, ben] = [await person('ann'), await person('ben')]
      const room = await roomOf(ann, { kind: 'private' })
      await enter(ben, room.id)
      await exit(ann, room.id)
      const opened = await conversationOf(ben, room.id)
      const message = await send(ben, { room: room.id, conversation: opened.number, at: START + 9 })
      for (const again of [under.crash, under.reopen]) {
        const after = again ? worldOn(await again()) : world
        expect(await after.shown(message.id)).toEqual(message)
        expect(await after.store.conversation(opened.number)).toEqual({ ...opened, lastAt: START + 9 })
        expect(await after.store.members(room.id, { after: null, limit: 9 })).toEqual({ items: [ben.id], total: 1 })
      }
    },
  )
}
