import { expect, test } from 'vitest'
import type { CoreEvent } from '../../../src/core/events.ts'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'
import { folder } from '../../system/folder.ts'
import { type Member, openWorld, testIds, until, type World } from '../../world.ts'
import { isEvent, Level2Client, seqs, short } from './client.ts'

/** Places from `first` to `last`. */
const places = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)

async function two(world: World) {
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const a = await Level2Client.live(world, ada)
  const room = await a.join('kitchen')
  return { ada, bob, a, room }
}

/** Says something so often, in groups that the limit on frames lets pass. */
async function sayMany(world: World, as: Member, room: string, count: number): Promise<void> {
  const send = (i: number) =>
    world.execute(as, {
      type: 'message.send',
      to: { at: 'room', ref: { by: 'label', label: room }, unknown: 'refuse' },
      body: `${room} ${i}`,
    })
  for (let i = 0; i < count; i += 250) await Promise.all(places(i, Math.min(i + 249, count - 1)).map(send))
}

test('[ROOMS-100] nothing is pushed before the first resume, and what it does not name is live from then on', async () => {
  await using world = await openWorld()
  const { ada, bob, a, room } = await two(world)
  const b = await Level2Client.open(world, bob)
  await b.join('kitchen')
  await a.say('kitchen', 'one')
  await a.say('lobby', 'two')
  await a.say(`dm:${bob.user.id}`, 'three')
  await a.ask({ type: 'presence', data: { status: 'away' } })
  a.wire.send({ type: 'typing', data: { is_typing: true }, room_id: 'kitchen' })
  await world.execute(ada, { type: 'members.remove', ref: { by: 'label', label: 'kitchen' }, user: ada.user.id })
  await a.join('kitchen')
  expect(await b.all()).toEqual([])
  expect(await b.resume()).toMatchObject({ type: 'resumed', data: { rooms: [], runs: [] } })
  await a.say('kitchen', 'four')
  expect((await b.events(room)).map(({ data }) => data.content)).toEqual(['four'])
})

test('[ROOMS-101] a resume shows what came after each position, in order, once, and then says so', async () => {
  await using world = await openWorld()
  const { bob, a, room } = await two(world)
  const garden = await a.join('garden')
  const first = await Level2Client.live(world, bob)
  await first.join('kitchen')
  await first.join('garden')
  await a.say('kitchen', 'seen')
  await first.shown('chat')
  first.close()
  await first.wire.closed
  for (let i = 0; i < 5; i++) await a.say(i % 2 === 0 ? 'kitchen' : 'garden', `missed ${i}`)
  const b = await Level2Client.open(world, bob)
  const resumed = await b.resume({ rooms: { [room]: 3, [garden]: 2 } })
  expect(b.pushed.map(short)).toEqual(['chat 4', 'chat 3', 'chat 5', 'chat 4', 'chat 6'])
  expect(b.pushed.map(({ data }) => data.content)).toEqual(places(0, 4).map(i => `missed ${i}`))
  expect(resumed.data.rooms).toEqual([
    { room, room_id: 'kitchen', seq: 6, reset: false },
    { room: garden, room_id: 'garden', seq: 4, reset: false },
  ])
  b.pushed.length = 0
  await a.say('kitchen', 'live')
  expect(seqs(await b.events(room))).toEqual([7])
})

test('[ROOMS-101] a client that has seen nothing yet is shown a room from its start, with what room it is', async () => {
  await using world = await openWorld()
  const { bob, a, room } = await two(world)
  await Level2Client.live(world, bob).then(b => b.join('kitchen'))
  await a.say('kitchen', 'one')
  const direct = await a.say(`dm:${bob.user.id}`, 'psst')
  const b = await Level2Client.open(world, bob)
  await b.resume({ rooms: { [room]: 0, [direct.room]: 0 } })
  expect(b.pushed.filter(({ data }) => data.room === room).map(short)).toEqual([
    'member_joined 1',
    'room_added 2',
    'member_joined 2',
    'chat 3',
  ])
  expect(b.pushed.filter(({ data }) => data.room === direct.room).map(short)).toEqual(['room_added 1', 'chat 1'])
})

test('[ROOMS-102] a resume may be sent again and again, from further back too, while everything is live', async () => {
  await using world = await openWorld()
  const { bob, a, room } = await two(world)
  const b = await Level2Client.live(world, bob)
  await b.join('kitchen')
  for (let i = 0; i < 5; i++) await a.say('kitchen', `${i}`)
  expect(seqs(await b.events(room))).toEqual(places(2, 7))
  for (const from of [7, 3, 0, 3, 6]) {
    const { data } = await b.resume({ rooms: { [room]: from } })
    expect(seqs(b.pushed.splice(0).filter(isEvent))).toEqual(places(from + 1, 7))
    expect(data.rooms).toMatchObject([{ seq: 7, reset: false }])
  }
  await a.say('kitchen', 'live')
  expect(seqs(await b.events(room))).toEqual([8])
})

test('[ROOMS-102] messages that are sent while clients resume are shown once and in order', async () => {
  await using world = await openWorld({ store: await openSqliteStore(folder()) })
  const { bob, a, room } = await two(world)
  const b = await Level2Client.live(world, bob)
  await b.join('kitchen')
  let next = 3
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 15; i++)
      a.wire.send({ type: 'chat', data: { message: `${i}` }, room_id: 'kitchen', message_id: `${round}-${i}` })
    const again = await Level2Client.open(world, bob)
    for (const client of [again, b])
      client.wire.send({ type: 'resume', data: { rooms: [{ room, seq: next - 1 }] }, message_id: 'r' })
    const until = next + 14
    const shown: unknown[] = []
    while (shown.at(-1) !== until) {
      const frame = await again.wire.next()
      // What is shown after the answer goes on where that ended.
      if (isEvent(frame) && frame.data.room === room) shown.push(frame.data.seq)
    }
    expect(shown).toEqual(places(next, until))
    next = until + 1
    again.close()
    await a.answer(`${round}-14`)
  }
  const all = (await b.events(room)).map(({ data }) => Number(data.seq))
  expect([...new Set(all)]).toEqual(places(2, 152))
})

test('[ROOMS-103] rooms with far more than a page of events, and many rooms, are caught up with at once', async () => {
  await using world = await openWorld({ store: await openSqliteStore(folder()) })
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const labels = places(1, 130).map(i => `room-${i}`)
  const join = (as: Member) =>
    Promise.all(labels.map(label => world.execute(as, { type: 'room.join', label, name: label, kind: 'shared' })))
  await join(ada)
  const rooms = (await join(bob)).map(({ room }) => room.id as string)
  await Promise.all([...labels.keys()].map(i => sayMany(world, ada, labels[i] ?? '', i < 3 ? 450 : 2)))
  const b = await Level2Client.open(world, bob)
  const { data } = await b.resume({ rooms: Object.fromEntries(rooms.map(room => [room, 1])) })
  expect(data.rooms).toHaveLength(130)
  for (const [i, room] of rooms.entries()) {
    const shown = b.pushed.filter(frame => isEvent(frame) && frame.data.room === room)
    expect(seqs(shown)).toEqual(places(2, i < 3 ? 452 : 4))
  }
})

test('[ROOMS-104] a cursor that nothing can be shown from is told, with the head to go on from', async () => {
  await using world = await openWorld()
  const { bob, a, room } = await two(world)
  const garden = await a.join('garden')
  const secret = await a.join('secret', 'private')
  await a.say('secret', 'before bob')
  const b = await Level2Client.live(world, bob)
  for (const label of ['kitchen', 'garden', 'secret']) await b.join(label, 'private')
  await b.ask({ type: 'leave_room', data: { room_id: 'garden' } })
  for (const label of ['kitchen', 'garden', 'secret']) await a.say(label, 'hello')
  const other = testIds.uuid()
  const again = await Level2Client.open(world, bob)
  const secretHead = Number((await again.ask({ type: 'room', room_id: 'secret' })).data.seq)
  const { data } = await again.resume({ rooms: { [other]: 3, [room]: 99, [garden]: 2, [secret]: 1 } })
  expect(again.pushed).toEqual([])
  expect(data.rooms).toEqual([
    { room: other, room_id: null, seq: 0, reset: true },
    { room, room_id: 'kitchen', seq: 3, reset: true },
    { room: garden, room_id: null, seq: 0, reset: true },
    { room: secret, room_id: 'secret', seq: secretHead, reset: true },
  ])
  await a.say('kitchen', 'live')
  await a.say('garden', 'not for bob')
  expect((await again.all()).filter(isEvent).map(({ data }) => data.content)).toEqual(['live'])
})

test('[ROOMS-104] from the place where one came into a private room everything is shown, and nothing before it', async () => {
  await using world = await openWorld()
  const { bob, a } = await two(world)
  const secret = await a.join('secret', 'private')
  await world.execute('operator', { type: 'account.register', name: 'carol' })
  await a.ask({ type: 'change_room', room_id: 'secret', data: { assistant: 'off' } })
  await a.say('secret', 'before')
  const b = await Level2Client.live(world, bob)
  await b.join('secret')
  const { data: joined } = await b.ask({ type: 'room', room_id: 'secret' })
  await a.say('secret', 'after')
  const again = await Level2Client.open(world, bob)
  const { data } = await again.resume({ rooms: { [secret]: Number(joined.seq) } })
  expect(again.pushed.map(({ data }) => data.content)).toEqual(['after'])
  expect(data.rooms).toMatchObject([{ reset: false }])
})

test('[ROOMS-104] a client more than 10,000 events behind is told to begin anew', async () => {
  await using world = await openWorld({ store: await openSqliteStore(folder()) })
  const { ada, bob, a, room } = await two(world)
  const b = await Level2Client.live(world, bob)
  await b.join('kitchen')
  b.close()
  await b.wire.closed
  // Nobody reads that many frames meanwhile.
  a.close()
  await sayMany(world, ada, 'kitchen', 10_001)
  const again = await Level2Client.open(world, bob)
  const { data } = await again.resume({ rooms: { [room]: 2 } })
  expect(again.pushed).toEqual([])
  expect(data.rooms).toEqual([{ room, room_id: 'kitchen', seq: 10_003, reset: true }])
  await again.resume({ rooms: { [room]: 3 } })
  expect(seqs(again.pushed)).toEqual(places(4, 10_003))
})

test('[ROOMS-105] after a restart the same cursors hold', async () => {
  const directory = folder()
  const { ada, bob, room } = await (async () => {
    await using world = await openWorld({ store: await openSqliteStore(directory) })
    const scene = await two(world)
    const b = await Level2Client.live(world, scene.bob)
    await b.join('kitchen')
    for (let i = 0; i < 4; i++) await scene.a.say('kitchen', `${i}`)
    return scene
  })()
  await using world = await openWorld({ store: await openSqliteStore(directory) })
  const [a, b] = [await Level2Client.live(world, ada), await Level2Client.open(world, bob)]
  const { data } = await b.resume({ rooms: { [room]: 4 } })
  expect(b.pushed.splice(0).map(short)).toEqual(['chat 5', 'chat 6'])
  expect(data.rooms).toMatchObject([{ seq: 6, reset: false }])
  await a.say('kitchen', 'live')
  expect((await b.events(room)).map(short)).toEqual(['chat 7'])
})

test('[ROOMS-106] a reader that is too slow for what it missed gets all of it, and what happens meanwhile', async () => {
  await using world = await openWorld()
  const { ada, bob, room } = await two(world)
  await Level2Client.live(world, bob).then(b => b.join('kitchen'))
  const long = '漢'.repeat(9_000)
  const say = (i: number) =>
    world.execute(ada, {
      type: 'message.send',
      to: { at: 'room', ref: { by: 'label', label: 'kitchen' }, unknown: 'refuse' },
      body: `${i} ${long}`,
    })
  for (let i = 0; i < 300; i++) await say(i)
  const b = await Level2Client.open(world, bob)
  b.wire.ws.pause()
  b.wire.send({ type: 'resume', data: { rooms: [{ room, seq: 2 }] }, message_id: 'slow' })
  await until(() => (world.sockets.at(-1)?.writableLength ?? 0) > 128 * 1024)
  for (let i = 300; i < 310; i++) await say(i)
  b.wire.ws.resume()
  const { data } = await b.answer('slow')
  await say(310)
  const rest = await b.events(room)
  expect(seqs(rest)).toEqual(places(3, 313))
  expect(data.rooms).toMatchObject([{ reset: false }])
})

test('[ROOMS-107] what a first message began while a client resumed is shown to it', async () => {
  await using world = await openWorld({ store: await openSqliteStore(folder()) })
  const bob = await world.member('bob')
  for (let round = 0; round < 10; round++) {
    const writer = await world.member(`writer-${round}`)
    const b = await Level2Client.open(world, bob)
    b.wire.send({ type: 'resume', data: {}, message_id: 'r' })
    const to = { at: 'room', ref: { by: 'user', id: bob.user.id }, unknown: 'refuse' } as const
    const [sent] = await Promise.all([
      world.execute(writer, { type: 'message.send', to, body: 'hello' }),
      b.answer('r'),
    ])
    const { data } = await b.ask({ type: 'rooms' })
    expect(data.rooms).toContainEqual(expect.objectContaining({ room: sent.message.room, seq: 1 }))
    await world.execute(writer, { type: 'message.send', to, body: 'again' })
    // Shown from its start, or from where the resume ended: never with a hole.
    const shown = (await b.events(sent.message.room)).map(({ data }) => data.seq)
    expect([[1, 2], [2]]).toContainEqual(shown)
    b.close()
    await b.wire.closed
  }
})

test('[ROOMS-101] what is stored and not told yet comes after the resume, which does not count it', async () => {
  const held: (readonly CoreEvent[])[] = []
  let tell: ((events: readonly CoreEvent[]) => void) | undefined
  let isHeld = false
  await using world = await openWorld({
    broker: inner => {
      tell = events => inner.publish(events)
      return { ...inner, publish: events => (isHeld ? void held.push(events) : inner.publish(events)) }
    },
  })
  const { bob, a, room } = await two(world)
  await Level2Client.live(world, bob).then(b => b.join('kitchen'))
  const direct = await a.say(`dm:${bob.user.id}`, 'told')
  isHeld = true
  await a.say('kitchen', 'not told yet')
  await a.say('lobby', 'the first of its room')
  await a.say(`dm:${bob.user.id}`, 'not told either')
  const b = await Level2Client.open(world, bob)
  const lobby = world.store.lobby
  const { data } = await b.resume({ rooms: { [room]: 1, [direct.room]: 0, [lobby]: 0 } })
  expect(b.pushed.filter(isEvent).map(short)).toEqual(['member_joined 2', 'chat 1'])
  expect(data.rooms).toMatchObject([
    { room, seq: 2, reset: false },
    { room: direct.room, seq: 1, reset: false },
    { room: lobby, seq: 0, reset: false },
  ])
  b.pushed.length = 0
  isHeld = false
  for (const events of held) tell?.(events)
  expect((await b.all()).filter(isEvent).map(({ data }) => data.content)).toEqual([
    'not told yet',
    'the first of its room',
    'not told either',
  ])
})
