import { TEXTS } from '@parley/protocol/assistant/limits'
import { expect, test } from 'vitest'
import type { GuestSettings } from '../../src/core/guests.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { folder } from '../system/folder.ts'
import { openWorld, testSessionSettings, until, type World } from '../world.ts'
import { AssistantClient } from './client.ts'

const guests = (over: Partial<GuestSettings>) => ({
  settings: { guests: { openness: 'on', max: 100, maxPerAddress: 100, ...over } as const },
})
const QUESTION = { type: 'chat', message: '1+1' }
const HOUR = 3_600_000
const elsewhere = {
  sessions: { trust: { ...testSessionSettings.trust, publicUrl: 'http://localhost' } },
}

const stored = (world: World) => world.store.guests(Number.MAX_SAFE_INTEGER, 100)
const sweep = (world: World) => world.execute('operator', { type: 'guests.sweep' })

test.each([
  ['on', {}, true],
  ['on', elsewhere, true],
  ['local', {}, true],
  ['local', elsewhere, false],
  ['off', {}, false],
] as const)('[ASSIST-20] where guests are %s (%j), they may talk: %s', async (openness, over, mayTalk) => {
  await using world = await openWorld({ ...guests({ openness }), ...over })
  const client = await AssistantClient.open(world)
  client.send(QUESTION)
  if (mayTalk) return void (await client.answered())
  expect(await client.next()).toMatchObject({ type: 'error', message: TEXTS.authRequired })
  for (const type of ['history', 'clear', 'logout'])
    expect(await client.ask({ type })).toMatchObject({ type: 'error', message: TEXTS.authRequired })
  expect(await client.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
  expect(await stored(world)).toEqual([])
})

test('[ASSIST-20] a page of somebody else’s is no guest', async () => {
  await using world = await openWorld()
  const foreign = await AssistantClient.open(world, '/ws/chat', { origin: 'https://elsewhere.example' })
  expect(await foreign.ask(QUESTION)).toMatchObject({ type: 'error', message: TEXTS.authRequired })
  const own = await AssistantClient.open(world, '/ws/chat', { origin: `http://127.0.0.1:${world.port}` })
  await own.chat('1+1')
})

test('[ASSIST-21] who may only say who they are has thirty seconds for it', async () => {
  await using world = await openWorld(guests({ openness: 'off' }))
  const ada = await world.member('ada')
  const [late, known] = [await AssistantClient.open(world), await AssistantClient.open(world)]
  await known.auth({ auth_type: 'api_key', api_key: ada.key })
  world.pass(29)
  expect(await late.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
  world.pass(1)
  expect(await late.closed).toEqual({ code: 4401, reason: 'Authentication required' })
  await known.chat('1+1')
})

test('[ASSIST-22] there are only so many guests, those who left included', async () => {
  await using world = await openWorld(guests({ max: 2 }))
  const [one, two] = [await AssistantClient.open(world), await AssistantClient.open(world)]
  const third = await AssistantClient.open(world)
  expect(await third.ask(QUESTION)).toMatchObject({ type: 'error', message: TEXTS.authRequired })
  await one.chat('1+1')
  for (const client of [one, two, third]) await client.leave()
  await until(() => world.sessions.counts.sockets === 0)
  // The second one said nothing.
  const next = await AssistantClient.open(world)
  await next.chat('1+1')
  expect(await (await AssistantClient.open(world)).ask(QUESTION)).toMatchObject({ type: 'error' })
  world.clock.advance(HOUR + 1)
  await sweep(world)
  await (await AssistantClient.open(world)).chat('1+1')
})

test('[ASSIST-22] only so many sockets from one address wait to say who they are', async () => {
  await using world = await openWorld(guests({ openness: 'off', maxPerAddress: 2 }))
  const [one] = [await AssistantClient.open(world), await AssistantClient.open(world)]
  const refused = await world.knock('/ws/chat')
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '30' } })
  await one.leave()
  await until(() => world.sessions.counts.sockets === 1)
  await AssistantClient.open(world)
})

test('[ASSIST-22] guests of one address leave room for those of others', async () => {
  const trust = { ...testSessionSettings.trust, trustProxy: ['loopback'] }
  await using world = await openWorld({ ...guests({ maxPerAddress: 1 }), sessions: { trust } })
  const from = (address: string) => AssistantClient.open(world, '/ws/chat', { headers: { 'X-Forwarded-For': address } })
  await (await from('192.0.2.1')).chat('1+1')
  expect(await (await from('192.0.2.1')).ask(QUESTION)).toMatchObject({ type: 'error' })
  await (await from('192.0.2.2')).chat('1+1')
})

test('[ASSIST-23] nobody else knows of guests', async () => {
  await using world = await openWorld()
  const [ada, root] = [await world.member('ada'), await world.member('root', 'admin')]
  const room = await world.joinRooms(ada, { v: '2' })
  room.send({ type: 'resume', data: {}, message_id: 'r' })
  await room.expect('resumed')
  const bowl = await world.connect(ada)
  const client = await AssistantClient.open(world)
  await client.chat('1+1')
  const [guest] = await stored(world)
  expect(guest).toMatchObject({ role: 'guest', name: expect.stringMatching(/^guest-[0-9a-f]{12}$/) })
  const names = async (type: 'people.list' | 'people.online') =>
    (await world.execute(ada, { type })).map(({ name }) => name)
  expect([await names('people.list'), await names('people.online')]).toEqual([['ada', 'root'], ['ada']])
  expect((await world.execute('operator', { type: 'admin.users' })).map(({ user }) => user.name)).toEqual([
    'ada',
    'root',
  ])
  for (const ref of [guest!.id, guest!.name]) {
    await expect(world.execute(ada, { type: 'people.show', ref })).rejects.toThrow('user_unknown')
    await expect(world.execute(root, { type: 'admin.delete', ref })).rejects.toThrow('user_unknown')
  }
  const to = { at: 'direct', name: guest!.name } as const
  await expect(world.execute(ada, { type: 'message.send', to, body: 'x' })).rejects.toThrow('user_unknown')
  const byId = { at: 'room', ref: { by: 'user', id: guest!.id }, unknown: 'refuse' } as const
  await expect(world.execute(ada, { type: 'message.send', to: byId, body: 'x' })).rejects.toThrow('user_unknown')
  expect(await world.store.membership(world.store.lobby, guest!.id)).toBeUndefined()
  await room.nothingYet()
  await bowl.nothingYet()
})

test('[ASSIST-23] a guest may do nothing but talk in their own conversation', async () => {
  await using world = await openWorld()
  await (await AssistantClient.open(world)).chat('1+1')
  const [guest] = await stored(world)
  const visitor = { address: '', local: true }
  const actor = { kind: 'user', user: guest!, credential: { by: 'guest', mayTalk: true, visitor } } as const
  for (const to of [{ at: 'lobby' }, { at: 'direct', name: 'assistant' }] as const)
    await expect(world.core.execute(actor, { type: 'message.send', to, body: 'x' })).rejects.toThrow('role_forbids')
  const label = { by: 'label', label: 'lobby' } as const
  const others = [
    { type: 'me.rename', name: 'x' },
    { type: 'bots.create', name: 'x' },
    { type: 'members.add', ref: label, user: guest!.id },
    { type: 'admin.users' },
  ] as const
  for (const command of others)
    await expect(world.core.execute(actor, command)).rejects.toThrow(/role_forbids|admin_only/)
})

test.each([
  ['memory', async () => openMemoryStore()],
  ['SQLite', () => openSqliteStore(folder())],
])('[ASSIST-24] an hour after their last message nothing of a guest is left (%s)', async (_, open) => {
  await using world = await openWorld({ store: await open() })
  const client = await AssistantClient.open(world)
  await client.chat('/repeat secret')
  const [guest] = await stored(world)
  const { items } = await world.store.conversations(guest!.id, { limit: 9, offset: 0 })
  const [{ room, number }] = items as [(typeof items)[number]]
  const messages = (await world.store.log(room, 0, 99)).flatMap(row => ('message' in row ? [row.message.id] : []))
  const run = (await world.store.log(room, 0, 99)).flatMap(row => ('run' in row ? [row.run.id] : []))
  expect([messages.length, run.length]).toEqual([2, 1])
  world.clock.advance(HOUR - 1)
  await client.chat('/repeat more')
  world.clock.advance(HOUR)
  expect(await sweep(world)).toEqual({ erased: 0 })
  // Somebody who is here is not forgotten.
  world.clock.advance(1)
  expect(await sweep(world)).toEqual({ erased: 0 })
  await client.leave()
  await until(() => world.sessions.counts.sockets === 0)
  expect(await sweep(world)).toEqual({ erased: 1 })
  expect(await stored(world)).toEqual([])
  expect(await world.store.user(guest!.id)).toBeUndefined()
  expect(await world.store.room(room)).toBeUndefined()
  expect(await world.store.conversation(number)).toBeUndefined()
  expect(await world.store.log(room, 0, 99)).toEqual([])
  for (const id of messages) expect(await world.store.message(id)).toBeUndefined()
  expect(await world.store.runs(run)).toEqual([])
  const back = await AssistantClient.open(world, `/ws/chat?session_id=${client.session}`)
  expect(back.session).not.toBe(client.session)
  expect(await back.history()).toEqual([])
})

test('[ASSIST-25] guests of before a restart are remembered and forgotten as others are', async () => {
  const directory = folder()
  const settings = guests({ max: 1 })
  let session = ''
  {
    await using world = await openWorld({ ...settings, store: await openSqliteStore(directory) })
    const client = await AssistantClient.open(world)
    await client.chat('/repeat one')
    session = client.session
  }
  await using world = await openWorld({ ...settings, store: await openSqliteStore(directory) })
  expect(await (await AssistantClient.open(world)).ask(QUESTION)).toMatchObject({ type: 'error' })
  const back = await AssistantClient.open(world, `/chat/ws?session_id=${session}`)
  expect(back.session).toBe(session)
  expect(await back.history()).toEqual([
    ['user', '/repeat one'],
    ['assistant', 'one'],
  ])
  await back.leave()
  world.clock.advance(HOUR + 1)
  await until(() => world.sessions.counts.sockets === 1)
  expect(await sweep(world)).toEqual({ erased: 1 })
  expect(await stored(world)).toEqual([])
})
