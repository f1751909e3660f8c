import { PATHS, TEXTS } from '@parley/protocol/assistant/limits'
import { expect, test } from 'vitest'
import { AgentFailed } from '../../src/core/ports/agents.ts'
import { TestAgent } from '../core/runs/desk.ts'
import { clientFrame, OPCODE, RawClient } from '../sessions/raw.ts'
import { openWorld, until } from '../world.ts'
import { AssistantClient } from './client.ts'

const stamped = { timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) }

test.each(PATHS)('[ASSIST-1] on %s the first frame says which session it is', async path => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world, `${path}?user_id=whoever`)
  expect(client.session).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(await client.ask({ type: 'ping' })).toEqual({ type: 'pong', ...stamped })
})

test('[ASSIST-1] what a client sends before it has read the first frame is answered after it', async () => {
  await using world = await openWorld()
  const first = clientFrame(OPCODE.text, '{"type":"auth","token":"somebodys"}')
  const client = await RawClient.open(world.port, '/ws/chat', first)
  const types = []
  for (let n = 0; n < 3; n++) types.push(JSON.parse(`${(await client.next())?.payload}`).type)
  expect(types).toEqual(['connection_established', 'auth_configured', 'auth_response'])
})

test('[ASSIST-2] a question is answered with a sign of thinking and one answer', async () => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  client.send({ type: 'chat', message: '/repeat Hello \u{1f600}' })
  expect(await client.next()).toEqual({ type: 'typing', message: 'AI is thinking...', ...stamped })
  expect(await client.next()).toEqual({
    type: 'ai_response',
    message: 'Hello \u{1f600}',
    tool_calls: [],
    tool_results: [],
    metadata: { model: 'parley-guide', usage: { total_tokens: 2, cost_usd: null }, stop_reason: 'end_turn' },
    ...stamped,
  })
  client.send({ message: '1+1' })
  expect((await client.answered()).message).toBe('1+1 = 2')
})

test('[ASSIST-2] a question may be as long as a hundred thousand characters', async () => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const client = await AssistantClient.open(world)
  const long = '\u{1f600}'.repeat(100_000)
  client.send({ type: 'chat', message: long })
  await client.expect('typing')
  await until(() => agents.asked.length === 1)
  expect(agents.asked[0]!.question.message.body).toBe(long)
  agents.asked[0]!.script.finish()
  // An answer without text is one.
  expect(await client.expect('ai_response')).toMatchObject({ message: '', tool_calls: [] })
  expect(await client.ask({ type: 'chat', message: `${long}x` })).toMatchObject({
    type: 'error',
    message: TEXTS.tooLong,
  })
})

test('[ASSIST-3] three questions at once get three answers in order, and a ping among them its turn', async () => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  for (const n of [1, 2]) client.send({ type: 'chat', message: `${n}+0` })
  client.send({ type: 'ping' })
  client.send('nonsense')
  client.send({ type: 'chat', message: '3+0' })
  const frames = await client.take(8)
  expect(frames.map(({ type, message }) => (type === 'ai_response' ? message : type))).toEqual([
    ...['typing', '1+0 = 1', 'typing', '2+0 = 2', 'pong', 'error', 'typing', '3+0 = 3'],
  ])
})

test('[ASSIST-3] a question does not begin before the answer to the last one', async () => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const client = await AssistantClient.open(world)
  client.send({ type: 'chat', message: 'one' })
  client.send({ type: 'chat', message: 'two' })
  await client.expect('typing')
  await client.nothingYet()
  agents.asked[0]!.script.say('first')
  agents.asked[0]!.script.finish()
  expect((await client.expect('ai_response')).message).toBe('first')
  await client.expect('typing')
  await until(() => agents.asked.length === 2)
  expect(agents.asked[1]!.question.context.map(({ message }) => message.body)).toEqual(['one', 'first'])
  agents.asked[1]!.script.finish()
  await client.expect('ai_response')
})

test.each([
  [new AgentFailed('The model is away'), "I'm sorry, I could not answer: The model is away"],
  [new Error('a secret'), "I'm sorry, I can't answer right now. Please try again later."],
])('[ASSIST-4] where the assistant fails the answer says so: %s', async (error, message) => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const client = await AssistantClient.open(world)
  client.send({ type: 'chat', message: 'Hello' })
  await client.expect('typing')
  await until(() => agents.asked.length === 1)
  agents.asked[0]!.script.fail(error)
  expect(await client.next()).toEqual({
    ...{ type: 'ai_response', error: true, message, metadata: { stop_reason: 'error' } },
    ...stamped,
  })
  expect(await client.history()).toEqual([['user', 'Hello']])
  world.faults.splice(0)
})

test('[ASSIST-4] an answer that was cancelled elsewhere is what there was of it', async () => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const ada = await world.member('ada')
  const client = await AssistantClient.open(world)
  await client.auth({ auth_type: 'api_key', api_key: ada.key })
  for (const [said, answer] of [
    ['Half an', { message: 'Half an', tool_calls: [] }],
    ['', { message: "I'm sorry, the answer was cancelled.", error: true }],
  ] as const) {
    client.send({ type: 'chat', message: 'Hello' })
    await client.expect('typing')
    const at = said === '' ? 1 : 0
    await until(() => agents.asked.length === at + 1)
    const { script, question } = agents.asked[at]!
    if (said) script.say(said)
    if (said) await until(() => script.pulled === 1)
    await world.execute(ada, { type: 'run.cancel', id: question.run.id })
    expect(await client.expect('ai_response')).toMatchObject(answer)
  }
})

test('[ASSIST-5] the history has the latest fifty messages, oldest first', async () => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  expect(await client.ask({ type: 'history' })).toEqual({ type: 'history', messages: [], ...stamped })
  await client.chat('2+2')
  expect(await client.ask({ type: 'get_history' })).toMatchObject({
    type: 'history',
    messages: [
      {
        ...{ role: 'user', content: '2+2', tool_calls: null, tool_results: null },
        ...{ metadata: { source: 'websocket' }, ...stamped },
      },
      { role: 'assistant', content: '2+2 = 4', metadata: { model: 'parley-guide', stop_reason: 'end_turn' } },
    ],
  })
  for (let n = 0; n < 25; n++) await client.chat(`${n}+0`)
  const history = await client.history()
  expect(history).toHaveLength(50)
  expect(history.at(0)).toEqual(['user', '0+0'])
  expect(history.at(-1)).toEqual(['assistant', '24+0 = 24'])
})

test.each(['clear', 'clear_history'])('[ASSIST-6] after %s what was said is neither shown nor known', async type => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const client = await AssistantClient.open(world)
  const say = async (message: string) => {
    client.send({ type: 'chat', message })
    await client.expect('typing')
    await until(() => agents.asked.length > 0)
    const { question, script } = agents.asked.pop()!
    script.finish()
    await client.expect('ai_response')
    return question.context.map(({ message }) => message.body)
  }
  expect(await say('one')).toEqual([])
  expect(await say('two')).toEqual(['one'])
  expect(await client.ask({ type })).toEqual({ type: 'history_cleared', message: TEXTS.cleared, ...stamped })
  expect(await client.history()).toEqual([])
  expect(await client.ask({ type })).toMatchObject({ type: 'history_cleared' })
  expect(await say('three')).toEqual([])
  expect(await client.history()).toEqual([['user', 'three']])
})

test.each([
  ['{', 'Invalid message format: Invalid JSON: Expected property name or '],
  ['nonsense', "Invalid message format: Invalid JSON: Unexpected token 'o'"],
  ['', 'Invalid message format: Invalid JSON: Unexpected end of JSON input'],
  ['[]', 'Invalid message format'],
  ['"chat"', 'Invalid message format'],
  ['null', 'Invalid message format'],
  ['{"message":5}', 'Invalid message format'],
  ['{"type":5}', 'Invalid message format'],
  ['{"type":"toString"}', 'Unknown message type: toString'],
  ['{"type":"conversation_list"}', 'Unknown message type: conversation_list'],
  ['{"type":"chat"}', 'Empty message'],
  ['{"type":"chat","message":null}', 'Empty message'],
  ['{"type":"chat","message":" \\n\\t"}', 'Empty message'],
])('[ASSIST-7] %s is an error, and the connection stays', async (frame, message) => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  const error = await client.ask(frame)
  expect(error).toEqual({ type: 'error', message: expect.any(String), ...stamped })
  expect(String(error.message).startsWith(message), String(error.message)).toBe(true)
  client.ws.send(Buffer.from('{"type":"ping"}'), { binary: true })
  expect(await client.next()).toMatchObject({ type: 'error', message: TEXTS.invalid })
  expect(await client.history()).toEqual([])
})

test('[ASSIST-7] what can’t be stored is an error and nothing else', async () => {
  await using world = await openWorld({ settings: { messageRate: { count: 1, seconds: 60 } } })
  const client = await AssistantClient.open(world)
  await client.chat('1+1')
  const error = await client.ask({ type: 'chat', message: '2+2' })
  expect(error).toMatchObject({ type: 'error', message: 'Rate limit exceeded: try again in 60 seconds' })
  expect(await client.history()).toHaveLength(2)
})

test('[ASSIST-9] nothing is shown that the client did not ask for', async () => {
  await using world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const client = await AssistantClient.open(world)
  await client.auth({ auth_type: 'api_key', api_key: ada.key })
  const other = await AssistantClient.open(world)
  await other.auth({ auth_type: 'api_key', api_key: ada.key })
  await world.execute(bob, { type: 'message.send', to: { at: 'lobby' }, body: 'Hello all' })
  await world.execute(bob, { type: 'message.send', to: { at: 'direct', name: 'ada' }, body: 'Hello ada' })
  await other.chat('1+1')
  world.pass(31)
  await client.nothingYet()
  expect(await client.history()).toEqual([])
})
