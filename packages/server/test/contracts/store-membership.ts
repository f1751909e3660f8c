import { expect } from 'vitest'
import type { RoomId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { newId, newUser, type OpenStore, START } from './store-world.ts'

const LIST = { limit: 100, offset: 0 }

export function membershipRules(open: OpenStore): void {
  rule(open, '[STORE-51] who joins has nothing unread, and is told of once', async world => {
    const { store, person, roomOf, enter, sendMany, send, refusal } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = (await roomOf(ann, { kind: 'private' })).id
    await sendMany(ann, 3, { room })
    expect(await enter(ben, room, START + 9)).toEqual({ state: 'joined', seq: 5, at: START + 9, members: 2 })
    expect(await enter(ben, room, START + 10)).toEqual({ state: 'present' })
    expect(await store.membership(room, ben.id)).toEqual({ joinedAt: START + 9, sinceSeq: 4, since: 3 })
    expect(await store.log(room, 4, 9)).toEqual([{ seq: 5, at: START + 9, type: 'member.joined', user: ben }])
    const listed = async () => (await store.roomList(ben.id, LIST)).items.find(one => one.room.id === room)
    expect(await listed()).toMatchObject({ unread: 0, readTo: 3, since: 3, sinceSeq: 4, members: 2 })
    // Time never falls in the log of joining either.
    expect(await send(ann, { room })).toMatchObject({ at: START + 9, ordinal: 4, seq: 6 })
    expect(await listed()).toMatchObject({ unread: 1, readTo: 3, ordinal: 4, seq: 6 })
    const join = { type: 'member.join', room, user: newUser('x').id, at: START } as const
    expect(await refusal(join)).toEqual({ code: 'user_unknown', name: join.user })
    expect(await refusal({ ...join, room: newId<RoomId>() })).toEqual({ code: 'room_unknown' })
    await world.leave(ben)
    expect(await refusal({ ...join, user: ben.id })).toEqual({ code: 'user_unknown', name: ben.id })
  })

  rule(open, '[STORE-52] who leaves is out with their read state; receipts and the room stay', async world => {
    const { store, person, roomOf, enter, exit, send, sendMany, read, readersOf, refusal, draft } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = (await roomOf(ann)).id
    await enter(ben, room)
    const [first, second, third] = await sendMany(ann, 3, { room })
    await read(ben, second!)
    await send(ben, { room })
    expect(await exit(ben, room, START + 4)).toEqual({ seq: 7, at: START + 4, members: 1 })
    expect(await store.log(room, 6, 9)).toEqual([{ seq: 7, at: START + 4, type: 'member.left', user: ben }])
    expect(await store.membership(room, ben.id)).toBeUndefined()
    expect(await readersOf(second!)).toEqual([ben.id])
    const not = { code: 'not_member' }
    expect(await refusal(draft(ben, { room }))).toEqual(not)
    expect(await refusal({ type: 'member.leave', room, user: ben.id, at: START })).toEqual(not)
    expect(await refusal({ type: 'read.room', room, user: ben.id, upTo: 'head', at: START })).toEqual(not)
    const hidden = { type: 'read.message', id: first!, user: ben.id, at: START } as const
    expect(await refusal(hidden)).toEqual({ code: 'message_unknown', id: first })
    expect(await refusal({ type: 'member.leave', room: newId<RoomId>(), user: ben.id, at: START })).toEqual({
      code: 'room_unknown',
    })

    expect(await exit(ann, room)).toMatchObject({ members: 0 })
    expect(await store.room(room)).toMatchObject({ owner: ann.id, deletedAt: null })
    expect(await enter(ben, room)).toMatchObject({ seq: 9, members: 1 })
    expect(await store.membership(room, ben.id)).toMatchObject({ sinceSeq: 8, since: 4 })
    const listed = async () => (await store.roomList(ben.id, LIST)).items.find(one => one.room.id === room)
    expect(await listed()).toMatchObject({ unread: 0, ordinal: 4 })
    expect(await read(ben, third!)).toMatchObject({ changed: 0, receipts: [{ id: third, ordinal: 3 }] })
    await enter(ann, room)
    const later = await sendMany(ann, 3, { room })
    expect(await read(ben, later[1]!)).toMatchObject({ changed: 1 })
    expect(await listed()).toMatchObject({ unread: 2, readTo: 4 })
    expect(await world.readAll(ben, { room })).toMatchObject({ changed: 2, readTo: 7 })
    expect(await listed()).toMatchObject({ unread: 0, readTo: 7 })
  })

  rule(open, '[STORE-53] the lobby is everybody’s; some ask for it', async world => {
    const { store, person, enter, exit, refusal, sendMany } = world
    const { lobby } = store
    const ann = await person('ann')
    const inLobby = async () => (await store.memberships(ann.id)).find(one => one.room.id === lobby)
    expect(await inLobby()).toMatchObject({ isChosen: false, seq: 0, sinceSeq: 0, heard: 0 })
    const leave = { type: 'member.leave', room: lobby, user: ann.id, at: START } as const
    expect(await refusal(leave)).toEqual({ code: 'not_member' })
    await sendMany(ann, 2)
    expect(await enter(ann, lobby)).toEqual({ state: 'present' })
    expect(await inLobby()).toMatchObject({ isChosen: true, heard: 2 })
    await sendMany(ann, 1)
    expect(await enter(ann, lobby)).toEqual({ state: 'present' })
    expect(await inLobby()).toMatchObject({ isChosen: true, heard: 2, seq: 3 })
    expect(await exit(ann, lobby, START + 3)).toEqual({ seq: 0, at: START + 3, members: 1 })
    expect(await inLobby()).toMatchObject({ isChosen: false })
    expect(await store.heads([lobby])).toEqual([3])
    await sendMany(ann, 1)
  })

  rule(open, '[STORE-54] what was heard never moves back; other rooms are passed over', async world => {
    const { store, person, roomOf, enter, write, sendMany } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const [one, other] = [(await roomOf(ann)).id, (await roomOf(ann)).id]
    await enter(ben, one)
    await sendMany(ann, 5, { room: one })
    const heard = async () => (await store.memberships(ben.id)).find(({ room }) => room.id === one)?.heard
    const hear = (...seqs: number[]) => {
      const rooms = seqs.map(seq => ({ room: one, seq }))
      const others = [other, newId<RoomId>()].map(room => ({ room, seq: 1 }))
      return write({ type: 'member.heard', user: ben.id, rooms: [...others, ...rooms] })
    }
    expect(await heard()).toBe(2)
    await hear(4)
    expect(await heard()).toBe(4)
    await hear(3, 5, 4)
    expect(await heard()).toBe(5)
    await hear(99)
    expect(await heard()).toBe(7)
    expect(await store.membership(other, ben.id)).toBeUndefined()
  })

  rule(open, '[STORE-55] members are listed in the order of their ids, and counted', async world => {
    const { store, person, roomOf, enter, exit, leave, direct } = world
    const people: User[] = []
    for (let index = 0; index < 7; index++) people.push(await person(`user ${index}`))
    const ids = people.map(({ id }) => id).sort()
    const room = (await roomOf(people[3]!)).id
    for (const user of people.toReversed()) await enter(user, room)
    const page = (after: (typeof ids)[number] | null, limit: number, of = room) => store.members(of, { after, limit })
    expect(await page(null, 3)).toEqual({ items: ids.slice(0, 3), total: 7 })
    expect(await page(ids[2]!, 10)).toEqual({ items: ids.slice(3), total: 7 })
    expect(await page(ids[6]!, 10)).toEqual({ items: [], total: 7 })
    expect(await page(null, 10, store.lobby)).toEqual({ items: ids, total: 7 })
    const two = await direct(people[0]!, people[1]!)
    expect(await page(null, 10, two)).toMatchObject({ total: 2 })
    expect(await page(null, 10, await direct(people[0]!, people[0]!))).toMatchObject({ total: 1 })
    await exit(people[2]!, room)
    await leave(people[1]!)
    const left = (...gone: number[]) => ids.filter(id => !gone.some(index => people[index]!.id === id))
    expect(await page(null, 10)).toEqual({ items: left(1, 2), total: 5 })
    expect(await page(null, 10, store.lobby)).toEqual({ items: left(1), total: 6 })
    expect(await page(null, 10, two)).toEqual({ items: [people[0]!.id], total: 1 })
    expect(await page(null, 10, newId<RoomId>())).toEqual({ items: [], total: 0 })
  })

  rule(open, '[STORE-56] a deleted user is out of every room, of which the rooms’ logs tell', async world => {
    const { store, person, roomOf, conversationOf, enter, leave, refusal } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const bot = await person('bot', { role: 'bot', createdBy: ann.id })
    const [room, own] = [(await roomOf(ben, { kind: 'private' })).id, await conversationOf(ann)]
    await enter(ann, room)
    await enter(bot, room)
    const named = await conversationOf(ann, room)
    const kept = await conversationOf(ben, room)
    await leave(ann)
    const left = (await store.log(room, 3, 9)).map(row => row.type)
    expect(left).toEqual(['member.left', 'member.left'])
    expect(await store.members(room, { after: null, limit: 9 })).toEqual({ items: [ben.id], total: 1 })
    expect(await store.memberships(ann.id)).toEqual([])
    expect(await store.room(own.room)).toMatchObject({ deletedAt: START, label: null })
    expect(await store.log(own.room, 0, 9)).toEqual([{ seq: 1, at: START, type: 'room.deleted' }])
    expect(await store.deletedRooms(9)).toEqual([own.room])
    for (const { number } of [own, named]) expect(await store.conversation(number)).toBeUndefined()
    expect(await store.conversation(kept.number)).toEqual(kept)
    expect(await store.conversations(ann.id, LIST)).toEqual({ items: [], total: 0 })
    const room2 = { own: newId<RoomId>() }
    const opening = { type: 'conversation.open', owner: ann.id, room: room2, title: null, at: START } as const
    expect(await refusal(opening)).toEqual({ code: 'user_unknown', name: ann.id })
  })

  rule(open, '[STORE-35] a person’s rooms are listed with the latest messages first', async world => {
    const { store, person, roomOf, conversationOf, direct, enter, send, remove, read } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const shared = await roomOf(ann)
    await enter(ben, shared.id, START + 1)
    const rooms = [shared.id, await direct(ann, ben), (await conversationOf(ben)).room, store.lobby]
    for (const [index, room] of rooms.entries()) await send(index === 2 ? ben : ann, { room, at: START + 10 })
    const quiet = await roomOf(ben, { kind: 'group' })
    const deleted = await send(ann, { room: rooms[1]!, at: START + 20 })
    const [last, single] = [await send(ann, { room: shared.id, at: START + 20 }), await send(ann, { room: shared.id })]
    await remove(deleted.id, START + 30)
    await read(ben, single.id, START + 31)
    const { items, total } = await store.roomList(ben.id, LIST)
    expect(total).toBe(5)
    expect(items.map(one => one.room.id)).toEqual([shared.id, rooms[1], store.lobby, rooms[2], quiet.id])
    expect(items.map(one => [one.unread, one.lastAt - START])).toEqual([
      [2, 20],
      [1, 30],
      [1, 10],
      [0, 10],
      [0, 0],
    ])
    expect(items[0]).toEqual({
      ...{ room: shared, seq: 5, ordinal: 3, lastAt: last.at, sinceSeq: 1, since: 0 },
      ...{ readTo: 0, unread: 2, members: 2 },
    })
    expect(await store.roomList(ben.id, { limit: 2, offset: 1 })).toEqual({ items: items.slice(1, 3), total: 5 })
    expect(await store.roomList(newUser('x').id, LIST)).toEqual({ items: [], total: 0 })
    const open = await store.memberships(ben.id)
    expect(new Set(open.map(one => one.room.id))).toEqual(new Set(items.map(one => one.room.id)))
    expect(open.find(one => one.room.id === shared.id)).toEqual({
      ...{ room: shared, seq: 5, sinceSeq: 1, since: 0, heard: 2, isChosen: true },
    })
  })

  rule(open, '[STORE-94] rooms that all people of a room have in common', async world => {
    const { store, person, roomOf, conversationOf, direct, enter, exit, send, write } = world
    const [ann, ben, cay] = [await person('ann'), await person('ben'), await person('cay')]
    const bot = await person('assistant', { role: 'agent' })
    const both = await roomOf(ann)
    await send(ann, { room: both.id })
    await enter(ben, both.id)
    const three = await roomOf(cay)
    await send(cay, { room: three.id })
    await enter(ann, three.id)
    await send(cay, { room: three.id })
    await enter(ben, three.id)
    const left = await roomOf(ann)
    await enter(ben, left.id)
    await exit(ben, left.id)
    const deleted = await roomOf(ann)
    await enter(ben, deleted.id)
    await write({ type: 'room.delete', room: deleted.id, at: START })
    const [talk, asking] = [await direct(ann, ben), await direct(ann, bot)]
    expect(await store.latestSince(three.id)).toBe(2)
    expect(await store.latestSince(talk)).toBe(0)
    const alone = (await conversationOf(ann)).room
    const common = async (room: RoomId) =>
      new Map((await store.commonRooms(room)).map(one => [one.room.id, one.since] as const))
    const shared = [
      [store.lobby, 0],
      [both.id, 1],
      [three.id, 2],
      [talk, 0],
    ] as const
    expect(await common(talk)).toEqual(new Map(shared))
    expect(await common(both.id)).toEqual(new Map(shared))
    expect(await common(three.id)).toEqual(
      new Map([
        [store.lobby, 0],
        [three.id, 2],
      ]),
    )
    const hers = [
      [store.lobby, 0],
      [both.id, 0],
      [three.id, 1],
      [left.id, 0],
      [talk, 0],
      [asking, 0],
      [alone, 0],
    ] as const
    for (const room of [alone, asking, left.id]) expect(await common(room)).toEqual(new Map(hers))
    expect((await store.commonRooms(both.id)).find(({ room }) => room.id === both.id)?.room).toEqual(both)
    for (const room of [deleted.id, newId<RoomId>()]) expect(await common(room)).toEqual(new Map())
  })
}
