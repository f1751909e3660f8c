import { expect, test } from 'vitest'
import { until } from '../../world.ts'
import { kinds, openScene, twoInRoom } from './scene.ts'

const types = (is_typing: boolean, room_id: string | null = 'kitchen') => ({
  type: 'typing',
  data: { is_typing, room_id },
})

test('[ROOMS-60] who types is shown to the others, with name and room; the room may be in data or the envelope', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('shared')
  await using world = opened
  const a2 = await world.joinRooms(ada)
  const frames = [
    types(true),
    { type: 'typing', data: { is_typing: false }, room_id: 'kitchen' },
    { type: 'typing', data: { is_typing: true, room_id: 'kitchen' }, room_id: 'nowhere' },
  ]
  for (const frame of frames) {
    a.send(frame)
    const shown = await b.expect('typing')
    expect(shown).toMatchObject({
      data: { user_id: ada.user.id, username: 'ada', is_typing: frame.data.is_typing, room_id: 'kitchen' },
      ...{ room_id: 'kitchen', user_id: ada.user.id },
    })
    world.pass(1)
  }
  // The one who types is excluded as a user.
  for (const client of [a, a2]) await client.quiet()
})

test('[ROOMS-60] typing where one is not, or nowhere, is passed over', async () => {
  const { world: opened, a, b } = await twoInRoom('shared')
  await using world = opened
  const c = await world.joinRooms(await world.member('cleo'))
  c.send(types(true))
  c.send(types(true, 'nowhere'))
  c.send(types(true, null))
  c.send({ type: 'typing' })
  c.send({ type: 'typing', data: {}, room_id: 'kitchen' })
  a.send({ type: 'typing', data: {}, room_id: 'kitchen' })
  for (const client of [c, a, b]) await client.quiet()
  expect((await c.ask({ type: 'typing', data: { is_typing: 'yes' } })).data.code).toBe('INVALID_MESSAGE')
})

test('[ROOMS-61] at most one notice a second; a change within it is shown when it ends, never dropped', async () => {
  const { world: opened, a, b } = await twoInRoom('shared')
  await using world = opened
  for (let i = 0; i < 5; i++) a.send(types(true))
  expect(kinds(await b.take(1))).toEqual(['typing'])
  a.send(types(false))
  await a.quiet()
  await b.quiet()
  world.pass(1)
  expect(kinds(await b.take(1))).toEqual(['typing stops'])
  for (const state of [true, false, true]) a.send(types(state))
  await a.quiet()
  await b.quiet()
  world.pass(1)
  expect(kinds(await b.take(1))).toEqual(['typing'])
  world.pass(1)
  await b.quiet()
})

test('[ROOMS-62] typing that is not said again for 5 s ends', async () => {
  const { world: opened, a, b } = await twoInRoom('shared')
  await using world = opened
  a.send(types(true))
  await b.expect('typing')
  world.pass(4)
  await b.quiet()
  a.send(types(true))
  expect(kinds(await b.take(1))).toEqual(['typing'])
  world.pass(4)
  await b.quiet()
  world.pass(1)
  expect(kinds(await b.take(1))).toEqual(['typing stops'])
  world.pass(10)
  await b.quiet()
})

test('[ROOMS-62] it ends with leaving the room', async () => {
  const { world: opened, a, b } = await twoInRoom('shared')
  await using _world = opened
  a.send(types(true))
  await b.expect('typing')
  a.send({ type: 'leave_room', data: { room_id: 'kitchen' } })
  await a.expect('leave_room')
  expect(kinds(await b.take(2)).toSorted()).toEqual(['typing stops', 'user_left'])
  await b.quiet()
})

test('[ROOMS-62] it ends with the last connection, not with one of several', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('shared')
  await using world = opened
  const a2 = await world.joinRooms(ada)
  a.send(types(true))
  await b.expect('typing')
  a.ws.close()
  await a.closed
  await until(() => world.sessions.connectionsOf(ada.user.id).length === 1)
  await b.quiet()
  a2.ws.terminate()
  expect(kinds(await b.take(1))).toEqual(['typing stops'])
})

test('[ROOMS-63] typing in one room is not that in another, and one throttle holds for both protocols', async () => {
  const scene = await openScene()
  await using world = scene.world
  const { ada, bob } = scene
  const a = await world.joinRooms(ada, { room_id: 'hall' })
  await a.ask({ type: 'join_room', data: { room_id: 'lobby' } })
  const b = await world.joinRooms(bob, { room_id: 'lobby' })
  const tokenBowl = await world.connect(ada)
  a.send(types(true, 'hall'))
  a.send(types(true, 'lobby'))
  expect((await b.expect('typing')).data).toMatchObject({ room_id: 'lobby', username: 'ada' })
  tokenBowl.send({ type: 'typing' })
  await tokenBowl.quiet()
  await b.quiet()
})
