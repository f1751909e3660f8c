import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type Store, StoreFailed } from '../../src/core/ports/store.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { openWorld, until } from '../world.ts'
import { handshake, RawClient } from './raw.ts'
import { heldKeys } from './stores.ts'

test('[SESS-40] an unknown path is 404', async () => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  for (const path of ['/', '/nowhere', '/wss', '//ws', '/ws/../ws', '/%77s']) {
    expect(await world.knock(`${path}?api_key=${key}`)).toMatchObject({ status: 404, body: '{"detail":"Not Found"}' })
  }
})

test('[SESS-40] a name that is not ours is 421, whatever the key', async () => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  const refusal = await world.knock(`/ws?api_key=${key}`, { Host: 'rebound.example' })
  expect(refusal.status).toBe(421)
  expect(JSON.parse(refusal.body)).toEqual({ detail: 'This server does not answer to that host name' })
})

test('[SESS-40] names that were said to be ours are known', async () => {
  const trust = {
    publicUrl: 'https://chat.example',
    trustProxy: [],
    allowedOrigins: [],
    allowedHosts: ['inner.example'],
  }
  await using world = await openWorld({ sessions: { trust } })
  const { key } = await world.member('alice')
  for (const host of ['chat.example', 'INNER.example:8000', 'localhost', '127.0.0.1:80', '[::1]:8000']) {
    const client = await world.open(`/ws?api_key=${key}`, { headers: { Host: host } })
    await client.quiet()
  }
})

test('[SESS-40] above the limit of connections: 503 with a time to come back; a place that is left is free', async () => {
  await using world = await openWorld({ sessions: { maxConnections: 2 } })
  const alice = await world.member('alice')
  const [first] = [await world.connect(alice), await world.connect(alice)]
  const refusal = await world.knock(`/ws?api_key=${alice.key}`)
  expect(refusal.status).toBe(503)
  expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0)
  first.ws.close()
  await until(() => world.sessions.counts.sockets === 1)
  await (await world.connect(alice)).quiet()
})

test('[SESS-40] connections that are still being opened count', async () => {
  const keys = heldKeys()
  await using world = await openWorld({ store: keys.store, sessions: { maxConnections: 1 } })
  const alice = await world.member('alice')
  keys.hold()
  const opening = world.connect(alice)
  await until(() => keys.asked.length === 1)
  expect(await world.knock(`/ws?api_key=${alice.key}`)).toMatchObject({ status: 503 })
  keys.release()
  await (await opening).quiet()
})

test.each([
  ['another protocol', { Upgrade: 'h2c' }, 400],
  ['another version', { 'Sec-WebSocket-Version': '7' }, 400],
  ['a key that is none', { 'Sec-WebSocket-Key': 'short' }, 400],
])('[SESS-40] an upgrade to %s is refused as HTTP', async (_, headers, status) => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  expect(await world.knock(`/ws?api_key=${key}`, headers)).toMatchObject({ status })
  expect(world.sessions.counts).toMatchObject({ sockets: 0, users: 0 })
})

test('[SESS-40] when the key cannot be looked up the answer is 500, and the fault is told', async () => {
  const broken = new Error('cannot read')
  await using world = await openWorld({ store: { ...openMemoryStore(), userByKey: () => Promise.reject(broken) } })
  const refusal = await world.knock('/ws?api_key=whatever')
  expect(refusal).toMatchObject({ status: 500, body: '{"detail":"Internal server error"}' })
  expect(world.faults.splice(0)).toEqual([broken])
})

test('[SESS-41] whoever hangs up while the key is looked up leaves nothing behind', async () => {
  const keys = heldKeys()
  await using world = await openWorld({ store: keys.store, sessions: { maxConnections: 3 } })
  const alice = await world.member('alice')
  for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
    keys.hold()
    const client = await RawClient.dial(world.port)
    client.socket.write(handshake(`/ws?api_key=${alice.key}`))
    await until(() => keys.asked.length === 1)
    client.socket[leave]()
    if (leave !== 'end') await once(client.socket, 'close')
    keys.release()
    await until(() => world.sockets.at(-1)?.destroyed === true && world.sessions.counts.sockets === 0)
    expect(world.core.context.presence.online()).toEqual([])
  }
  // None of them holds a place.
  for (let i = 0; i < 3; i++) await (await world.connect(alice)).quiet()
})

test('[SESS-41] a handshake that stops half-way leaves nothing behind', async () => {
  await using world = await openWorld({ sessions: { maxConnections: 1 } })
  const alice = await world.member('alice')
  const request = handshake(`/ws?api_key=${alice.key}`)
  for (const length of [1, 20, request.length - 2]) {
    const client = await RawClient.dial(world.port)
    client.socket.write(request.slice(0, length))
    client.socket.destroy()
    await once(client.socket, 'close')
  }
  await (await world.connect(alice)).quiet()
})

test('[SESS-41] a connection of which the client’s half is shut is ended', async () => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  const client = await RawClient.open(world.port, `/ws?api_key=${key}`)
  client.socket.end()
  await until(() => world.sessions.counts.sockets === 0)
})

test.each([
  ['a new key was made', { type: 'me.replace_key' }],
  ['the user was deleted', { type: 'admin.delete', ref: 'root' }],
] as const)('[SESS-42] between look-up and opening %s: the new connection is closed with 1008', async (_, command) => {
  const keys = heldKeys()
  await using world = await openWorld({ store: keys.store })
  const root = await world.member('root', 'admin')
  keys.hold()
  const opening = world.connect(root)
  await until(() => keys.asked.length === 1)
  await world.execute(root, command)
  keys.release()
  expect(await (await opening).closed).toMatchObject({ code: 1008 })
  await until(() => world.sessions.counts.sockets === 0)
})

test('[SESS-43] too many wrong keys from one address: 429 with a time to come back; a right one still opens', async () => {
  await using world = await openWorld({ settings: { signInRate: { count: 3, seconds: 60 } } })
  const alice = await world.member('alice')
  for (let i = 0; i < 3; i++) expect(await world.knock('/ws?api_key=wrong')).toMatchObject({ status: 401 })
  const refusal = await world.knock('/ws?api_key=wrong')
  expect(refusal).toMatchObject({ status: 429, headers: { 'retry-after': '60' } })
  await (await world.connect(alice)).quiet()
  world.clock.advance(60_000)
  expect(await world.knock('/ws?api_key=wrong')).toMatchObject({ status: 401 })
})

test('[SESS-44] where the store can’t tell whether a revoked credential was this one, the connection ends', async () => {
  const inner = openMemoryStore()
  let fails = false
  const userByKey: Store['userByKey'] = digest =>
    fails ? Promise.reject(new StoreFailed('io_error')) : inner.userByKey(digest)
  await using world = await openWorld({ store: { ...inner, userByKey } })
  const alice = await world.member('alice')
  const a = await world.connect(alice)
  fails = true
  await world.execute(alice, { type: 'me.replace_key' })
  expect((await a.closed).code).toBe(1008)
  expect(world.faults.splice(0)).toHaveLength(1)
})
