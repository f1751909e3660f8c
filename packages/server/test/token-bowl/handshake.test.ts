import { expect, test } from 'vitest'
import { clientFrame, OPCODE, RawClient } from '../sessions/raw.ts'
import { openWorld, signIn, type World } from '../world.ts'

/** The name of the user whom a connection belongs to. */
async function whoIs(world: World, path: string, headers: Record<string, string> = {}): Promise<unknown> {
  const client = await world.open(path, { headers })
  const answer = await client.ask({ type: 'get_online_users' })
  client.ws.close()
  await client.closed
  return (answer.users as { username: string }[])[0]?.username
}

test('[TB-1] a key in the query, in X-API-Key, or a session token as Bearer opens /ws and /ws/', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  const token = await signIn(world, alice)
  for (const path of ['/ws', '/ws/']) {
    expect(await whoIs(world, `${path}?api_key=${alice.key}`)).toBe('alice')
    expect(await whoIs(world, path, { 'X-API-Key': alice.key })).toBe('alice')
    expect(await whoIs(world, path, { Authorization: `Bearer ${token}` })).toBe('alice')
    expect(await whoIs(world, path, { Authorization: `bearer ${token}` })).toBe('alice')
  }
})

test('[TB-1] the first credential that is there decides: query, X-API-Key, Bearer', async () => {
  await using world = await openWorld()
  const [alice, bob, carol] = [await world.member('alice'), await world.member('bob'), await world.member('carol')]
  const bearer = { Authorization: `Bearer ${await signIn(world, carol)}` }
  const header = { 'X-API-Key': bob.key }
  expect(await whoIs(world, `/ws?api_key=${alice.key}`, { ...header, ...bearer })).toBe('alice')
  expect(await whoIs(world, '/ws', { ...header, ...bearer })).toBe('bob')
  expect(await whoIs(world, '/ws?api_key=', header)).toBe('bob')
  expect(await world.knock('/ws?api_key=wrong', { ...header, ...bearer })).toMatchObject({ status: 401 })
  expect(await world.knock('/ws', { 'X-API-Key': 'wrong', ...bearer })).toMatchObject({ status: 401 })
})

test.each([
  ['no credential', '/ws', {}],
  ['an unknown key', `/ws?api_key=${'0'.repeat(64)}`, {}],
  ['a key that is no key', '/ws?api_key=%00%ff%F0%9F', {}],
  ['an unknown key in the header', '/ws/', { 'X-API-Key': 'nope' }],
  ['an unknown session token', '/ws', { Authorization: 'Bearer nope' }],
  ['a scheme other than Bearer', '/ws', { Authorization: 'Basic YWxpY2U6cGFzcw==' }],
])('[TB-2] %s: 401 with a detail and WWW-Authenticate', async (_, path, headers) => {
  await using world = await openWorld()
  const refusal = await world.knock(path, headers as Record<string, string>)
  expect(refusal.status).toBe(401)
  expect(refusal.headers['www-authenticate']).toBe('Bearer')
  expect(refusal.headers['content-type']).toBe('application/json')
  expect(JSON.parse(refusal.body)).toEqual({ detail: 'Invalid or missing authentication credentials' })
})

test('[TB-2] an API key is no session token, and a session token is no key; an expired one is nothing', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  const token = await signIn(world, alice)
  expect(await world.knock('/ws', { Authorization: `Bearer ${alice.key}` })).toMatchObject({ status: 401 })
  expect(await world.knock(`/ws?api_key=${token}`)).toMatchObject({ status: 401 })
  world.clock.advance(60_000)
  expect(await world.knock('/ws', { Authorization: `Bearer ${token}` })).toMatchObject({ status: 401 })
})

test('[TB-2] the key of a deleted user opens nothing', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  await world.execute('operator', { type: 'admin.delete', ref: 'alice' })
  expect(await world.knock(`/ws?api_key=${alice.key}`)).toMatchObject({ status: 401 })
})

test('[TB-3] no greeting: the first frame is the answer to the first question', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  await alice.nothingYet()
  await alice.quiet()
})

test('[TB-3] what a client sends together with its handshake is served', async () => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  const first = clientFrame(OPCODE.text, JSON.stringify({ content: 'in one piece' }))
  const alice = await RawClient.open(world.port, `/ws?api_key=${key}`, first)
  const answer = await alice.next()
  expect(JSON.parse(String(answer?.payload))).toMatchObject({
    type: 'message_sent',
    message: { content: 'in one piece' },
  })
})

test('[TB-4] a key is taken from any Origin', async () => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  for (const origin of ['https://elsewhere.example', 'http://localhost:3000', 'null']) {
    const client = await world.open(`/ws?api_key=${key}`, { origin })
    await client.quiet()
  }
})

test('[TB-5] a user is online while at least one connection is open, and offline at once after', async () => {
  await using world = await openWorld()
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  const watcher = await world.connect(alice)
  const online = async () => {
    const { users } = await watcher.ask({ type: 'get_online_users' })
    return (users as { username: string }[]).map(user => user.username)
  }
  expect(await online()).toEqual(['alice'])
  const [first, second] = [await world.connect(bob), await world.connect(bob)]
  expect(await online()).toEqual(['alice', 'bob'])
  first.ws.close(1000)
  await first.closed
  expect(await online()).toEqual(['alice', 'bob'])
  second.ws.close(1000)
  expect(await second.closed).toMatchObject({ code: 1000 })
  expect(await online()).toEqual(['alice'])
})
