import { expect, test } from 'vitest'
import { openMemoryStore } from '../../../src/stores/memory/store.ts'
import { type Member, openWorld, until, type World } from '../../world.ts'
import type { RoomsClient } from '../client.ts'
import { answering, chat, inKitchen, kinds, openScene, saysTo, twoInRoom } from './scene.ts'

/** Lets a client go, after everything it was shown is known to have arrived. */
async function goes(world: World, { user }: Member, client: RoomsClient): Promise<void> {
  world.pass(1)
  await client.pinged()
  client.ws.close()
  await until(() => world.sessions.connectionsOf(user.id).length === 0)
}

/** Ada in the kitchen, which bob has gone from. */
async function bobAway(type: 'private' | 'shared' = 'shared', store = openMemoryStore()) {
  const scene = await twoInRoom(type, { store })
  await goes(scene.world, scene.bob, scene.b)
  return { ...scene, store }
}

const say = async (client: RoomsClient, text: string, room = 'kitchen') => {
  client.send(chat(text, { room_id: room }))
  await client.until(({ type }) => type === 'delivery_confirmation')
}

test('[ROOMS-70] what a participant missed comes right after connect, in order, as it was, before the query’s room', async () => {
  const { world: opened, ada, bob, a } = await bobAway()
  await using world = opened
  await say(a, 'one')
  world.clock.advance(60_000)
  const cleo = await world.member('cleo')
  const c = await world.joinRooms(cleo, { room_id: 'kitchen' })
  a.send({ type: 'typing', data: { is_typing: true, room_id: 'kitchen' } })
  await say(c, 'two')
  c.send({ type: 'leave_room', data: { room_id: 'kitchen' } })
  await c.until(({ type }) => type === 'leave_room')
  world.pass(31)
  const b = await world.openRooms('/api/v1/ws/ws?room_id=kitchen', { headers: { 'X-API-Key': bob.key } })
  const frames = await b.take(6)
  expect(kinds(frames)).toEqual(['connect', 'user: one', 'user_joined', 'user: two', 'user_left', 'join_room'])
  expect(frames[1]).toMatchObject({
    data: { timestamp: '2026-01-01T00:00:01.000Z', user_id: ada.user.id },
    timestamp: '2026-01-01T00:00:01.000Z',
  })
  expect(frames[3]?.timestamp).toBe('2026-01-01T00:01:01.000Z')
  await b.quiet()
})

test('[ROOMS-70] several rooms are one queue, in the order of storing', async () => {
  const { world: opened, bob, a } = await bobAway()
  await using world = opened
  const b = await world.joinRooms(bob, { room_id: 'hall', room_type: 'shared' })
  a.send({ type: 'join_room', data: { room_id: 'hall' } })
  await b.expect('system')
  await a.expect('join_room')
  await goes(world, bob, b)
  for (let i = 0; i < 6; i++) {
    await say(a, String(i), i % 2 ? 'hall' : 'kitchen')
    world.clock.advance(i % 3)
  }
  const back = await world.joinRooms(bob)
  expect((await back.take(6)).map(({ data, room_id }) => `${data.content} ${room_id}`)).toEqual([
    ...['0 kitchen', '1 hall', '2 kitchen', '3 hall', '4 kitchen', '5 hall'],
  ])
  await back.quiet()
})

test('[ROOMS-71] the first connection that comes takes the queue; it is not brought again', async () => {
  const { world: opened, bob, a } = await bobAway()
  await using world = opened
  await say(a, 'one')
  const b = await world.joinRooms(bob)
  const b2 = await world.joinRooms(bob)
  await b2.quiet()
  expect(kinds(await b.take(1))).toEqual(['user: one'])
  await b2.quiet()
  await b.pinged()
  for (const client of [b, b2]) client.ws.close()
  await until(() => world.sessions.connectionsOf(bob.user.id).length === 0)
  await (await world.joinRooms(bob)).quiet()
})

test('[ROOMS-71] what somebody else was shown live is not queued, nor what one said oneself', async () => {
  const { world: opened, ada, bob, a } = await bobAway()
  await using world = opened
  const b = await world.joinRooms(bob)
  await say(a, 'live')
  await b.expect('chat')
  await goes(world, bob, b)
  await world.execute(bob, {
    ...{ type: 'message.send', to: { at: 'room', ref: { by: 'label', label: 'kitchen' }, unknown: 'refuse' } },
    body: 'from elsewhere',
  })
  await (await world.joinRooms(bob)).quiet()
  await goes(world, ada, a)
  const back = await world.joinRooms(ada)
  // Bob's, who was in the room by other means.
  await back.quiet()
})

test('[ROOMS-72] of more than 100 the newest 100 come, after a notice for each room of how many did not', async () => {
  const { world: opened, bob, a } = await bobAway()
  await using world = opened
  for (let i = 0; i < 130; i++) a.send(inKitchen(String(i)))
  await a.take(130)
  const b = await world.joinRooms(bob)
  const frames = await b.take(101)
  expect(frames[0]).toMatchObject({
    ...{ type: 'system', data: { action: 'missed', room_id: 'kitchen', count: 30 }, room_id: 'kitchen' },
  })
  expect(frames.slice(1).map(({ data }) => data.content)).toEqual(Array.from({ length: 100 }, (_, i) => `${i + 30}`))
  await b.quiet()
  await goes(world, bob, b)
  await (await world.joinRooms(bob)).quiet()
})

test('[ROOMS-72] the 100 are of all rooms together', async () => {
  const { world: opened, bob, a } = await bobAway()
  await using world = opened
  const b = await world.joinRooms(bob, { room_id: 'hall', room_type: 'shared' })
  await a.ask({ type: 'join_room', data: { room_id: 'hall' } })
  await b.expect('system')
  await goes(world, bob, b)
  for (let i = 0; i < 120; i++) {
    a.send(chat(String(i), { room_id: i % 2 ? 'hall' : 'kitchen' }))
    await a.expect('delivery_confirmation')
    world.clock.advance(1)
  }
  const back = await world.joinRooms(bob)
  const frames = await back.take(102)
  expect(
    frames
      .slice(0, 2)
      .map(({ data }) => `${data.room_id} ${data.count}`)
      .toSorted(),
  ).toEqual(['hall 10', 'kitchen 10'])
  expect(frames.slice(2).map(({ data }) => data.content)).toEqual(Array.from({ length: 100 }, (_, i) => `${i + 20}`))
  await back.quiet()
})

test('[ROOMS-72] what nobody would be shown takes no place among the 100', async () => {
  const scene = await bobAway('private')
  const { world: opened, bob, a } = scene
  await using world = opened
  for (let i = 0; i < 45; i++) {
    a.send(inKitchen(`q${i}`))
    const { script } = await answering(scene, i + 1)
    script.say(`a${i}`)
    script.finish(null)
    await a.until(({ data }) => data.done === true)
  }
  const b = await world.joinRooms(bob)
  const shown = kinds(await b.take(135))
  const expected = Array.from({ length: 45 }, (_, i) => [`user: q${i}`, `chunk: a${i}`, 'completion'])
  expect(shown).toEqual(expected.flat())
  await b.quiet()
})

test('[ROOMS-73] an answer that was missed is one chunk with the whole text, then its completion', async () => {
  const scene = await bobAway('private')
  const { world: opened, bob, a } = scene
  await using world = opened
  a.send(inKitchen('tell me', 'q'))
  const { script } = await answering(scene, 1)
  await a.take(2)
  await saysTo(scene, a, 'Once ', 'upon ', 'a time')
  script.finish({ model: 'test-1', tokens: 3, cost: null })
  const [, done] = await a.take(2)
  const b = await world.joinRooms(bob)
  const frames = await b.take(3)
  expect(kinds(frames)).toEqual(['user: tell me', 'chunk: Once upon a time', 'completion'])
  expect(frames[2]?.data).toEqual(done?.data)
  expect(frames[1]).toMatchObject({ data: { message_id: 'q', user_id: 'assistant' }, room_id: 'kitchen' })
  await b.quiet()
})

test('[ROOMS-74] whoever asked without a room and lost the connection finds the whole answer', async () => {
  const scene = await openScene()
  const { world: opened, ada } = scene
  await using world = opened
  const a = await world.joinRooms(ada)
  for (const count of [1, 2]) {
    const asking = count === 1 ? a : await world.joinRooms(ada)
    asking.send(chat('tell me', { message_id: `q${count}` }))
    const { script } = await answering(scene, count)
    await asking.take(2)
    if (count === 2) await saysTo(scene, asking, 'Once ')
    await goes(world, ada, asking)
    script.say('upon a time')
    script.finish(null)
    await until(() => world.core.context.runs.active === 0)
    const back = await world.joinRooms(ada)
    const frames = await back.take(2)
    expect(kinds(frames)).toEqual([count === 2 ? 'chunk: Once upon a time' : 'chunk: upon a time', 'completion'])
    expect(frames.map(({ message_id, room_id }) => [message_id, room_id])).toEqual([
      ...[
        [`q${count}`, null],
        [`q${count}`, null],
      ],
    ])
    await back.quiet()
    await goes(world, ada, back)
  }
  await (await world.joinRooms(ada)).quiet()
})

test('[ROOMS-74] and that it failed, where it did', async () => {
  const scene = await openScene()
  const { world: opened, ada } = scene
  await using world = opened
  const a = await world.joinRooms(ada)
  a.send(chat('tell me', { message_id: 'q' }))
  const { script } = await answering(scene, 1)
  await a.take(2)
  await goes(world, ada, a)
  script.fail(new Error('secret'))
  await until(() => world.core.context.runs.active === 0)
  const back = await world.joinRooms(ada)
  expect(await back.next()).toMatchObject({ type: 'error', data: { code: 'AI_ERROR' }, message_id: 'q' })
  await back.quiet()
  expect(world.faults.splice(0)).toHaveLength(1)
})

test('[ROOMS-75] after a crash at most what came since the last heartbeat is brought again, and nothing is lost', async () => {
  const { world: opened, bob, a, store } = await bobAway()
  await using world = opened
  const b = await world.joinRooms(bob)
  for (let i = 0; i < 5; i++) await say(a, `${i}`)
  await b.take(5)
  world.pass(1)
  await b.pinged()
  // With the heartbeat what arrived so far is noted down.
  world.pass(30)
  await b.until(({ data }) => data.heartbeat === true)
  const labelled = await store.labelled('kitchen')
  const heard = async () => (await store.memberships(bob.user.id)).find(({ room }) => room.id === labelled?.id)?.heard
  const [head] = await store.heads([labelled!.id])
  while ((await heard()) !== head) await new Promise(resolve => setImmediate(resolve))
  for (const text of ['after', 'the heartbeat']) await say(a, text)
  await b.take(2)
  // Another server on what this one stored, which ends without a word.
  await using restarted = await openWorld({ store: { ...store, close: async () => undefined } })
  const back = await restarted.joinRooms(bob)
  expect(kinds(await back.take(2))).toEqual(['user: after', 'user: the heartbeat'])
  await back.quiet()
})

test('[ROOMS-75] what waits survives a restart', async () => {
  const { world: opened, bob, a, store } = await bobAway()
  await using _world = opened
  await say(a, 'before')
  await using restarted = await openWorld({ store: { ...store, close: async () => undefined } })
  const back = await restarted.joinRooms(bob)
  expect(kinds(await back.take(1))).toEqual(['user: before'])
  await back.quiet()
})

test('[ROOMS-75] without an answer to the ping nothing counts as arrived', async () => {
  const { world: opened, bob, a } = await bobAway()
  await using world = opened
  const deaf = await world.openRooms('/api/v1/ws/ws', { headers: { 'X-API-Key': bob.key }, autoPong: false })
  await deaf.expect('connect')
  await say(a, 'are you there?')
  await deaf.expect('chat')
  world.pass(31)
  await deaf.pinged()
  deaf.ws.terminate()
  await until(() => world.sessions.connectionsOf(bob.user.id).length === 0)
  const b = await world.joinRooms(bob)
  expect(kinds(await b.take(1))).toEqual(['user: are you there?'])
})

test('[ROOMS-76] whoever left a room, and whoever was never in it, has nothing waiting', async () => {
  const { world: opened, bob, a } = await bobAway()
  await using world = opened
  const b = await world.joinRooms(bob)
  b.send({ type: 'leave_room', data: { room_id: 'kitchen' } })
  await b.expect('leave_room')
  await a.expect('system')
  await goes(world, bob, b)
  const cleo = await world.member('cleo')
  await say(a, 'nobody there')
  for (const member of [bob, cleo]) await (await world.joinRooms(member)).quiet()
})

test('[ROOMS-77] a connection that does not answer any more is dropped for the next one, which is shown what it did not get', async () => {
  const { world: opened, bob, a } = await bobAway()
  await using world = opened
  const dead = await world.openRooms('/api/v1/ws/ws', { headers: { 'X-API-Key': bob.key }, autoPong: false })
  await dead.expect('connect')
  await say(a, 'into the void')
  await dead.expect('chat')
  const opening = world.openRooms('/api/v1/ws/ws', { headers: { 'X-API-Key': bob.key } })
  const b = await opening
  await b.expect('connect')
  await say(a, 'meanwhile')
  await until(() => world.sessions.connectionsOf(bob.user.id).length === 2)
  world.pass(3)
  expect(kinds(await b.take(2))).toEqual(['user: into the void', 'user: meanwhile'])
  expect((await dead.closed).code).toBe(1006)
  await b.quiet()
})

test('[ROOMS-77] so is the answer that the dead one asked for', async () => {
  const scene = await openScene()
  const { world: opened, ada } = scene
  await using world = opened
  for (const isOver of [true, false]) {
    const dead = await world.openRooms('/api/v1/ws/ws', { headers: { 'X-API-Key': ada.key }, autoPong: false })
    await dead.expect('connect')
    dead.send(chat('tell me'))
    const { script } = await answering(scene, isOver ? 1 : 2)
    await dead.take(2)
    await saysTo(scene, dead, 'Once ')
    if (isOver) {
      script.finish(null)
      await dead.take(2)
    }
    const b = await world.openRooms('/api/v1/ws/ws', { headers: { 'X-API-Key': ada.key } })
    await b.expect('connect')
    await b.pinged()
    world.pass(3)
    await dead.closed
    const [first] = await b.take(1)
    if (!isOver) script.finish(null)
    expect(
      kinds([first!, ...(await b.until(({ data }) => data.done === true))]).filter(kind => kind !== 'typing stops'),
    ).toEqual(['chunk: Once ', 'completion'])
    await goes(world, ada, b)
  }
})
