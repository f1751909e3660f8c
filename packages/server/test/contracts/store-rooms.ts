import { expect } from 'vitest'
import type { RoomId, UserId } from '../../src/core/ids.ts'
import { rule } from './store-rule.ts'
import { newId, type OpenStore, START } from './store-world.ts'

export function roomRules(open: OpenStore): void {
  rule(open, '[STORE-20] two users have one direct room, with both in it', async world => {
    const { store, person, write } = world
    const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
    const pair = [ann.id, ben.id] as const
    expect(await store.directRoom(pair)).toBeUndefined()
    const { room } = await write({ type: 'room.open_direct', id: newId<RoomId>(), pair, at: START })
    expect(room).toMatchObject({ kind: 'direct', pair })
    expect(await write({ type: 'room.open_direct', id: newId<RoomId>(), pair, at: START })).toEqual({ room })
    expect(await store.room(room.id)).toEqual(room)
    expect(await store.directRoom(pair)).toEqual(room)
    const members = await Promise.all([ann, ben, cat].map(user => store.membership(room.id, user.id)))
    const since = { joinedAt: START, sinceSeq: 0, since: 0 }
    expect(members).toEqual([since, since, undefined])
    expect(await store.membership(newId<RoomId>(), ann.id)).toBeUndefined()
    expect(await store.room(newId<RoomId>())).toBeUndefined()
  })

  rule(open, '[STORE-20] a direct room with oneself has one member and nothing unread', async world => {
    const { person, direct, send, unread } = world
    const ann = await person('ann')
    const room = await direct(ann, ann)
    expect(await direct(ann, ann)).toBe(room)
    await send(ann, { room })
    expect(await unread(ann)).toEqual({ lobby: 0, direct: 0 })
  })

  rule(open, '[STORE-21] no direct room is made with a user who is not there; one that is there stays', async world => {
    const { person, direct, leave, refusal, store } = world
    const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
    const room = await direct(ann, ben)
    await leave(ben)
    expect(await direct(ann, ben)).toBe(room)
    const nobody = newId<UserId>()
    for (const [one, other, name] of [
      [ann.id, nobody, nobody],
      [ben.id, cat.id, ben.id],
    ] as const) {
      const open = { type: 'room.open_direct', id: newId<RoomId>(), pair: [one, other], at: START } as const
      expect(await refusal(open)).toEqual({ code: 'user_unknown', name })
      expect(await store.room(open.id)).toBeUndefined()
    }
  })

  rule(open, '[STORE-22] trimming erases the oldest beyond what is kept, a slice at a time', async world => {
    const { store, person, sendMany, trim, remove, historyIds, send, refusal } = world
    const ann = await person('ann')
    const ids = await sendMany(ann, 10)
    await remove(ids[1]!)
    expect(await trim(store.lobby, 6, 3)).toEqual({ removed: 3 })
    expect(await historyIds()).toEqual(ids.slice(3).toReversed())
    expect(await trim(store.lobby, 6, 3)).toEqual({ removed: 1 })
    expect(await trim(store.lobby, 6, 3)).toEqual({ removed: 0 })
    expect(await store.message(ids[0]!)).toBeUndefined()
    expect(await store.message(ids[4]!)).toBeDefined()
    const page = await store.history({ of: { scope: 'lobby' }, since: null, limit: 2, offset: 0 })
    expect(page).toMatchObject({ total: 6, items: [{ id: ids[9] }, { id: ids[8] }] })
    expect(await send(ann)).toMatchObject({ ordinal: 11, seq: 12 })
    expect(await refusal({ type: 'room.trim', room: newId<RoomId>(), keep: 1, limit: 1 })).toEqual({
      code: 'room_unknown',
    })
  })

  rule(open, '[STORE-23] an erased message is neither unread nor read nor there to be marked', async world => {
    const { store, person, sendMany, trim, read, unread, unreadIds, refusal, readersOf } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const ids = await sendMany(ann, 6)
    await sendMany(ben, 2)
    for (const index of [1, 3, 4]) await read(ben, ids[index]!)
    await trim(store.lobby, 4)
    expect(await unread(ben)).toEqual({ lobby: 1, direct: 0 })
    expect(await unreadIds(ben)).toEqual([ids[5]])
    expect(await readersOf(ids[1]!)).toEqual([])
    expect(await readersOf(ids[4]!)).toEqual([ben.id])
    const gone = { code: 'message_unknown', id: ids[0] }
    expect(await refusal({ type: 'read.message', user: ben.id, id: ids[0]!, at: START })).toEqual(gone)
    expect(await world.readAll(ben, { upTo: 5 })).toMatchObject({ changed: 0, receipts: [] })
    expect(await unread(ben)).toEqual({ lobby: 1, direct: 0 })
    await trim(store.lobby, 1)
    expect(await unread(ann)).toEqual({ lobby: 1, direct: 0 })
    expect(await unread(ben)).toEqual({ lobby: 0, direct: 0 })
  })
}
