import { expect, test } from 'vitest'
import { openWorld, signIn, until } from '../world.ts'

test('[TB-60] a ping every 30 s to every connection, the first one 30 s after it was opened', async () => {
  await using world = await openWorld()
  const member = await world.member('alice')
  const early = await world.connect(member)
  world.pass(10)
  const late = await world.connect(member)
  world.pass(19)
  await early.nothingYet()
  world.pass(1)
  expect(await early.next()).toEqual({ type: 'ping', timestamp: '2026-01-01T00:00:30.000Z' })
  await late.nothingYet()
  world.pass(10)
  expect(await late.next()).toEqual({ type: 'ping', timestamp: '2026-01-01T00:00:40.000Z' })
  await early.nothingYet()
  world.pass(20)
  expect(await early.next()).toEqual({ type: 'ping', timestamp: '2026-01-01T00:01:00.000Z' })
})

test('[TB-61] silence shorter than 90 s brings pings and nothing else', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  world.pass(89)
  expect(await alice.take(2)).toMatchObject([{ type: 'ping' }, { type: 'ping' }])
  await alice.nothingYet()
})

test('[TB-61] after 90 s without a sign of life the connection is closed with 4408', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  world.pass(90)
  expect(await alice.closed).toMatchObject({ code: 4408 })
  await until(() => world.sessions.counts.sockets === 0)
})

test.each([
  ['a pong', { type: 'pong' }],
  ['typing', { type: 'typing' }],
  ['rubbish', 'rubbish'],
  ['a message', { content: 'a' }],
])('[TB-61] %s is a sign of life', async (_, frame) => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  for (let round = 0; round < 4; round++) {
    world.pass(60)
    alice.send(frame)
    const now = world.clock.now()
    await until(() => world.sessions.connections()[0]?.lastActivity === now)
  }
  expect(world.sessions.counts.sockets).toBe(1)
})

test('[TB-61] pings of the WebSocket protocol are answered and count', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  for (let round = 0; round < 4; round++) {
    world.pass(60)
    await alice.pinged()
  }
  expect(world.sessions.connections()).toMatchObject([{ username: 'alice', lastPong: null }])
})

test('[TB-61] when a connection last answered a heartbeat is known to administrators', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  world.pass(30)
  await alice.next()
  alice.send({ type: 'pong' })
  await until(() => world.sessions.connections()[0]?.lastPong === world.clock.now())
})

test('[TB-62] a server that stops closes with 1012', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  const drained = world.sessions.drain()
  expect(await alice.closed).toEqual({ code: 1012, reason: 'Server is restarting' })
  await drained
})

test('[TB-63] a new key closes every socket of the old one at once with 1008, also when its own user asked for it', async () => {
  await using world = await openWorld()
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  const sockets = [await world.connect(alice), await world.connect(alice)]
  const signedIn = await world.open('/ws', { headers: { Authorization: `Bearer ${await signIn(world, alice)}` } })
  const other = await world.connect(bob)
  const { key } = await world.execute(alice, { type: 'me.replace_key' })
  for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1008 })
  await signedIn.quiet()
  await other.quiet()
  expect(await world.knock(`/ws?api_key=${alice.key}`)).toMatchObject({ status: 401 })
  await (await world.connect({ ...alice, key })).quiet()
})

test('[TB-63] the end of a sign-in closes its sockets and leaves those of the key', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  const token = await signIn(world, alice)
  const signedIn = await world.open('/ws', { headers: { Authorization: `Bearer ${token}` } })
  const keyed = await world.connect(alice)
  const identify = { type: 'account.identify', by: 'sign-in', secret: token, address: '' } as const
  const actor = await world.execute('operator', identify)
  await world.core.execute(actor, { type: 'account.sign_out' })
  expect(await signedIn.closed).toMatchObject({ code: 1008 })
  await keyed.quiet()
})

test('[TB-63] a deleted user’s sockets and those of their bots are closed at once with 1008', async () => {
  await using world = await openWorld()
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  const bot = await world.execute(alice, { type: 'bots.create', name: 'beeper' })
  const sockets = [await world.connect(alice), await world.connect(alice), await world.connect(bot)]
  const other = await world.connect(bob)
  await world.execute('operator', { type: 'admin.delete', ref: 'alice' })
  for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1008 })
  const { users } = await other.ask({ type: 'get_online_users' })
  expect(users).toMatchObject([{ username: 'bob' }])
})

test('[TB-63] nothing that a revoked connection still says has an effect', async () => {
  await using world = await openWorld()
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  const [a, b] = [await world.connect(alice), await world.connect(bob)]
  const deleted = world.execute('operator', { type: 'admin.delete', ref: 'alice' })
  a.send({ content: 'too late' })
  await deleted
  await a.closed
  await b.quiet()
})

test('[TB-64] a client that says goodbye hears its own code again', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  alice.ws.close(1000, 'bye')
  expect(await alice.closed).toMatchObject({ code: 1000 })
  await until(() => world.sessions.counts.sockets === 0)
})

test('[TB-65] a new role holds on open sockets at once', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  await alice.say('before')
  await world.execute('operator', { type: 'admin.change', ref: 'alice', patch: { role: 'viewer' } })
  expect(await alice.ask({ content: 'after' })).toMatchObject({ error: expect.stringContaining("'viewer'") })
  await world.execute('operator', { type: 'admin.change', ref: 'alice', patch: { role: 'admin' } })
  expect(await alice.ask({ type: 'delete_message', message_id: 'x' })).toMatchObject({ error: 'Message x not found' })
})
