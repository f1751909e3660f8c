import { expect, test } from 'vitest'
import { testSessionSettings, until } from '../../world.ts'
import { chat, inKitchen, openScene, twoInRoom } from './scene.ts'

/** As the server is set up unless somebody says otherwise. */
const DEFAULTS = {
  heartbeatSeconds: 30,
  sweepSeconds: 300,
  staleSeconds: 1_800,
  frames: { count: 100, seconds: 60 },
} as const
const limited = { sessions: { ...testSessionSettings, views: { rooms: DEFAULTS } } }

const junk = { type: 'leave_room', data: {} }

test('[ROOMS-85] the 101st frame within 60 s is refused, with the seconds until one is free, and not counted', async () => {
  const scene = await openScene(limited)
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  for (let i = 0; i < 99; i++) expect((await a.ask(junk)).data.code).toBe('INVALID_MESSAGE')
  world.clock.advance(30_000)
  expect((await a.ask(junk)).data.code).toBe('INVALID_MESSAGE')
  for (let i = 0; i < 5; i++) {
    expect(await a.ask({ ...junk, message_id: 'm', room_id: 'r' })).toMatchObject({
      type: 'error',
      data: { error: 'Rate limit exceeded', code: 'RATE_LIMIT', retry_after: 30 },
    })
  }
  world.clock.advance(29_500)
  expect((await a.ask(junk)).data).toMatchObject({ code: 'RATE_LIMIT', retry_after: 1 })
  world.clock.advance(500)
  for (let i = 0; i < 99; i++) expect((await a.ask(junk)).data.code).toBe('INVALID_MESSAGE')
  expect((await a.ask(junk)).data).toMatchObject({ code: 'RATE_LIMIT', retry_after: 30 })
})

test('[ROOMS-85] it holds for each connection, for frames of every type, and what is refused does nothing', async () => {
  const { world: opened, bob, a, b } = await twoInRoom('shared', limited)
  await using world = opened
  for (let i = 0; i < 50; i++) a.send(inKitchen(String(i)))
  for (let i = 0; i < 50; i++) a.send({ type: 'connect' })
  await a.take(50)
  a.send(inKitchen('too much'))
  expect((await a.next()).data).toMatchObject({ code: 'RATE_LIMIT', retry_after: 60 })
  a.send({ type: 'typing', data: { is_typing: true, room_id: 'kitchen' } })
  expect((await a.next()).data.code).toBe('RATE_LIMIT')
  await b.take(50)
  await b.quiet()
  const b2 = await world.joinRooms(bob)
  await b2.quiet()
})

test('[ROOMS-85] pieces of files do not count', async () => {
  const scene = await openScene(limited)
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  const piece = { upload_type: 'chunk', file_id: 'x', chunk_index: 0, total_chunks: 1, chunk_data: 'aGk=' }
  for (let i = 0; i < 150; i++) {
    expect((await a.ask({ type: 'file_upload', data: piece })).data.error).toBe('Invalid file ID')
  }
  // What is no piece does.
  for (let i = 0; i < 100; i++) a.send({ type: 'file_upload', data: { ...piece, chunk_data: '?' } })
  await a.take(100)
  expect((await a.ask(junk)).data.code).toBe('RATE_LIMIT')
})

test('[ROOMS-86] a heartbeat every 30 s, the first one 30 s after the connection opened', async () => {
  const scene = await openScene(limited)
  await using world = scene.world
  const early = await world.joinRooms(scene.ada)
  world.pass(10)
  const late = await world.joinRooms(scene.bob)
  world.pass(19)
  await early.nothingYet()
  world.pass(1)
  expect(await early.next()).toEqual({
    type: 'system',
    data: { heartbeat: true, server_time: '2026-01-01T00:00:30.000Z' },
    ...{ room_id: null, message_id: null, user_id: null, timestamp: '2026-01-01T00:00:30.000Z' },
  })
  await late.nothingYet()
  world.pass(10)
  expect((await late.next()).data).toEqual({ heartbeat: true, server_time: '2026-01-01T00:00:40.000Z' })
  world.pass(20)
  expect((await early.next()).data.heartbeat).toBe(true)
})

test('[ROOMS-87] a client that only listens stays: its stack answers a ping with every heartbeat', async () => {
  const scene = await openScene(limited)
  await using world = scene.world
  for (const query of [{}, { v: '2' }]) {
    const listener = await world.joinRooms(scene.ada, query)
    for (let half = 0; half < 200; half++) {
      const pinged = new Promise(resolve => listener.ws.once('ping', resolve))
      world.pass(30)
      await pinged
      await listener.pinged()
    }
    expect(world.sessions.counts.sockets).toBe(1)
    listener.ws.terminate()
    await until(() => world.sessions.counts.sockets === 0)
  }
})

test('[ROOMS-87] after 30 min without any sign of life it is closed at the next sweep', async () => {
  const scene = await openScene(limited)
  await using world = scene.world
  const headers = { 'X-API-Key': scene.ada.key }
  const dead = await world.openRooms('/api/v1/ws/ws', { headers, autoPong: false })
  await dead.expect('connect')
  world.pass(1_799)
  await new Promise(resolve => setImmediate(resolve))
  expect(world.sessions.counts.sockets).toBe(1)
  world.pass(301)
  expect((await dead.closed).code).toBe(4408)
})

test('[ROOMS-87] a frame is a sign of life', async () => {
  const scene = await openScene(limited)
  await using world = scene.world
  const headers = { 'X-API-Key': scene.ada.key }
  const alive = await world.openRooms('/api/v1/ws/ws', { headers, autoPong: false })
  await alive.expect('connect')
  for (let round = 0; round < 4; round++) {
    world.pass(1_500)
    alive.send({ type: 'typing' })
    const now = world.clock.now()
    await until(() => world.sessions.connections()[0]?.lastActivity === now)
  }
  expect(world.sessions.counts.sockets).toBe(1)
})

test('[ROOMS-88] whoever sends more than 600 bad frames a minute is closed with 1008, where the limit lets them', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  for (let i = 0; i < 600; i++) a.send('{')
  await a.take(600)
  world.pass(60)
  for (let i = 0; i < 601; i++) a.send('{')
  expect((await a.closed).code).toBe(1008)
})

test('[ROOMS-88] a frame of 1.5 MiB is read, a longer one closes with 1009', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  const most = 1_572_864
  a.send(JSON.stringify(chat('x'.repeat(most - JSON.stringify(chat('')).length))))
  expect((await a.next()).data.code).toBe('BODY_TOO_LONG')
  a.send(`${' '.repeat(most)}{}`)
  expect((await a.closed).code).toBe(1009)
})
