import { expect, test } from 'vitest'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { TestAgent } from '../core/runs/desk.ts'
import { folder } from '../system/folder.ts'
import { openWorld, until } from '../world.ts'
import { AssistantClient } from './client.ts'

const said = (...texts: string[]) =>
  texts.flatMap(text => [
    ['user', `/repeat ${text}`],
    ['assistant', text],
  ])
const of = ({ session }: AssistantClient) => `/ws/chat?session_id=${session.toUpperCase()}`

const STORES = [
  ['memory', async () => openMemoryStore()],
  ['SQLite', () => openSqliteStore(folder())],
] as const

test.each(STORES)('[ASSIST-30] a guest comes back to their conversation (%s)', async (_, open) => {
  await using world = await openWorld({ store: await open() })
  const first = await AssistantClient.open(world)
  await first.chat('/repeat one')
  await first.leave()
  const second = await AssistantClient.open(world, of(first))
  expect(second.session).toBe(first.session)
  expect(await second.history()).toEqual(said('one'))
  await second.chat('/repeat two')
  // Also while the earlier connection is still there.
  const third = await AssistantClient.open(world, of(second))
  expect(await third.history()).toEqual(said('one', 'two'))
  await third.ask({ type: 'clear' })
  await third.chat('/repeat three')
  const fourth = await AssistantClient.open(world, of(third))
  expect(await fourth.history()).toEqual(said('three'))
})

test('[ASSIST-30] what was cleared does not come back', async () => {
  await using world = await openWorld()
  const first = await AssistantClient.open(world)
  await first.chat('/repeat one')
  await first.ask({ type: 'clear' })
  const second = await AssistantClient.open(world, of(first))
  expect(await second.history()).toEqual([])
})

test.each(STORES)(
  '[ASSIST-31] a person comes back to their conversation, and says again who they are (%s)',
  async (_, open) => {
    await using world = await openWorld({ store: await open() })
    const ada = await world.member('ada')
    const key = { auth_type: 'api_key', api_key: ada.key }
    const first = await AssistantClient.open(world)
    await first.auth(key)
    await first.chat('/repeat one')
    await first.leave()
    const second = await AssistantClient.open(world, of(first))
    expect(second.session).toBe(first.session)
    expect(await second.history()).toEqual([])
    // Cut off before the client said who it is, it still knows its session.
    const third = await AssistantClient.open(world, of(second))
    await third.auth(key)
    expect(await third.history()).toEqual(said('one'))
    await third.chat('/repeat two')
    await third.ask({ type: 'logout' })
    await third.auth(key)
    expect(await third.history()).toEqual([])
  },
)

test('[ASSIST-31] where guests may not talk a person comes back as well', async () => {
  await using world = await openWorld({ settings: { guests: { openness: 'off', max: 9, maxPerAddress: 9 } } })
  const ada = await world.member('ada')
  const key = { auth_type: 'api_key', api_key: ada.key }
  const first = await AssistantClient.open(world)
  await first.auth(key)
  await first.chat('/repeat one')
  const second = await AssistantClient.open(world, of(first))
  await second.auth(key)
  expect(await second.history()).toEqual(said('one'))
})

test.each(['', 'x', '00000000-0000-4000-8000-000000000000', "' OR 1=1 --"])(
  '[ASSIST-32] a session that is not known, %j, is a new one',
  async session => {
    await using world = await openWorld()
    const client = await AssistantClient.open(world, `/ws/chat?session_id=${encodeURIComponent(session)}`)
    expect(client.session).not.toBe(session)
    await client.chat('/repeat one')
    const back = await AssistantClient.open(world, of(client))
    expect(await back.history()).toEqual(said('one'))
  },
)

test('[ASSIST-32] nobody comes back to somebody else’s conversation', async () => {
  await using world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const hers = await AssistantClient.open(world)
  await hers.auth({ auth_type: 'api_key', api_key: ada.key })
  await hers.chat('/repeat hers')
  const his = await AssistantClient.open(world, of(hers))
  await his.auth({ auth_type: 'api_key', api_key: bob.key })
  expect(await his.history()).toEqual([])
  await his.chat('/repeat his')
  const again = await AssistantClient.open(world, of(hers))
  await again.auth({ auth_type: 'api_key', api_key: ada.key })
  expect(await again.history()).toEqual(said('hers'))
})

test('[ASSIST-32] who gives somebody a session of theirs does not read what is said in it', async () => {
  await using world = await openWorld()
  const eve = await world.member('eve')
  const hers = await AssistantClient.open(world)
  await hers.auth({ auth_type: 'api_key', api_key: eve.key })
  await hers.chat('/repeat mine')
  const victim = await AssistantClient.open(world, of(hers))
  await victim.chat('/repeat secret')
  const spy = await AssistantClient.open(world, of(hers))
  expect(await spy.history()).toEqual([])
  await spy.auth({ auth_type: 'api_key', api_key: eve.key })
  expect(await spy.history()).toEqual(said('mine'))
})

test('[ASSIST-33] an answer is made to its end without its client, who finds it later', async () => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const client = await AssistantClient.open(world)
  client.send({ type: 'chat', message: 'Hello' })
  await client.expect('typing')
  await until(() => agents.asked.length === 1)
  await client.leave()
  await until(() => world.sessions.counts.sockets === 0)
  const { script, signal } = agents.asked[0]!
  expect(signal.aborted).toBe(false)
  script.say('Late')
  script.finish()
  await until(() => world.core.context.runs.active === 0)
  const back = await AssistantClient.open(world, of(client))
  expect(await back.history()).toEqual([
    ['user', 'Hello'],
    ['assistant', 'Late'],
  ])
})

test('[ASSIST-33] what a client sent before it went is done', async () => {
  await using world = await openWorld()
  const ada = await world.member('ada')
  const client = await AssistantClient.open(world)
  client.send({ type: 'auth', auth_type: 'api_key', api_key: ada.key })
  client.send({ type: 'chat', message: '/repeat one' })
  client.send({ type: 'chat', message: '/repeat two' })
  await client.leave()
  const back = await AssistantClient.open(world, of(client))
  const key = { auth_type: 'api_key', api_key: ada.key }
  const there = async () => {
    const { items } = await world.execute(ada, { type: 'conversations.list', limit: 9, offset: 0 })
    const number = items[0]?.number
    if (number === undefined) return 0
    const page = { number, where: { newest: true }, limit: 9 } as const
    return (await world.execute(ada, { type: 'conversations.history', ...page })).items.length
  }
  while ((await there()) < 4) await new Promise(resolve => setImmediate(resolve))
  const again = await AssistantClient.open(world, of(client))
  await again.auth(key)
  expect(await again.history()).toEqual(said('one', 'two'))
  await back.leave()
})

test('[ASSIST-34] whose answer broke off gets the rest, or another one, for a word', async () => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const ada = await world.member('ada')
  const client = await AssistantClient.open(world)
  await client.auth({ auth_type: 'api_key', api_key: ada.key })
  expect(await client.ask({ type: 'chat', message: '/continue' })).toMatchObject({
    ...{ type: 'error', message: expect.stringContaining('nothing was asked') },
  })
  const answering = async (message: string, ...says: readonly string[]) => {
    const index = agents.asked.length
    client.send({ type: 'chat', message })
    await client.expect('typing')
    await until(() => agents.asked.length > index)
    const { script, question } = agents.asked[index]!
    script.say(...says)
    await until(() => script.pulled === says.length)
    return { script, question }
  }
  const { question } = await answering('Count', 'one, ')
  await world.execute(ada, { type: 'run.cancel', id: question.run.id })
  await client.expect('ai_response')
  const rest = await answering(' /Continue ', 'two')
  expect(rest.question).toMatchObject({ begun: 'one, ', message: { body: 'Count' } })
  rest.script.finish()
  expect(await client.expect('ai_response')).toMatchObject({ message: 'two', metadata: { stop_reason: 'end_turn' } })
  expect(await client.ask({ type: 'chat', message: '/continue' })).toMatchObject({
    ...{ type: 'error', message: expect.stringContaining('whole') },
  })
  const anew = await answering('/regenerate', 'un, deux')
  expect(anew.question).toMatchObject({ begun: null, message: { body: 'Count' } })
  anew.script.finish()
  expect(await client.expect('ai_response')).toMatchObject({ message: 'un, deux' })
  expect(await client.history()).toEqual([
    ['user', 'Count'],
    ['assistant', 'one, '],
    ['assistant', 'two'],
    ['assistant', 'un, deux'],
  ])
})

test('[ASSIST-35] what a stop of the server cut off is gone on with, or made to its end by itself', async () => {
  for (const repeats of [false, true]) {
    const directory = folder()
    const agents = Object.assign(new TestAgent(), { repeats })
    let path = ''
    {
      await using world = await openWorld({ agents, store: await openSqliteStore(directory) })
      const client = await AssistantClient.open(world)
      path = of(client)
      client.send({ type: 'chat', message: 'Count' })
      await client.expect('typing')
      await until(() => agents.asked.length === 1)
      agents.asked[0]?.script.say('one, ')
      await until(() => agents.asked[0]?.script.pulled === 1)
      await world.core.stop()
      expect((await client.expect('ai_response')).message).toContain(repeats ? 'in the history' : 'Send /continue')
    }
    await using world = await openWorld({ agents, store: await openSqliteStore(directory) })
    const client = await AssistantClient.open(world, path)
    if (!repeats) client.send({ type: 'chat', message: '/continue' })
    await until(() => agents.asked.length === 2)
    agents.asked[1]?.script.say(repeats ? 'one, two' : 'two')
    agents.asked[1]?.script.finish()
    await until(() => world.core.context.runs.active === 0)
    if (!repeats) expect((await client.answered()).message).toBe('two')
    const answers = repeats ? ['one, two'] : ['one, ', 'two']
    expect(await client.history()).toEqual([['user', 'Count'], ...answers.map(text => ['assistant', text])])
  }
})
