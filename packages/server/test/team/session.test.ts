import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { TestAgent } from '../core/runs/desk.ts'
import { temporaryDirectory } from '../stores/temporary.ts'
import { openWorld, testTeam, until } from '../world.ts'
import { SessionClient, textOf } from './client.ts'

async function openTeam() {
  const agent = new TestAgent()
  const world = await openWorld({ agents: agent })
  const script = async (index: number) => {
    await until(() => agent.asked.length > index)
    return agent.asked[index]!
  }
  return {
    world,
    agent,
    script,
    open: (session: string, options = {}) => SessionClient.open(world, session, options),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

test('[TEAM-1] a run is chunks, a switch, a tool with progress, and one last frame', async () => {
  await using team = await openTeam()
  const client = await team.open('session-1')
  client.say('Create a fantasy novel with dragons and magic')
  const { script, question } = await team.script(0)
  expect(question).toMatchObject({ message: { body: 'Create a fantasy novel with dragons and magic' } })
  script.give({ type: 'text', text: "I'll help ", by: 'OrchestratorAgent' })
  script.give({ type: 'switch', from: 'OrchestratorAgent', to: 'PlotGeneratorAgent', reason: 'Plots' })
  script.give({ type: 'text', text: 'Dragons.', by: 'PlotGeneratorAgent' })
  const tool = { type: 'tool', call: '1', name: 'save_plot' } as const
  script.give({ ...tool, state: 'started', detail: { arguments: {} } })
  script.give({ ...tool, state: 'progress', detail: { message: 'Saving plot to database...', progress: 0.5 } })
  script.give({ ...tool, state: 'completed', detail: {} })
  script.tell({
    type: 'results',
    results: { plot_id: 'p', agents_used: ['OrchestratorAgent', 'PlotGeneratorAgent'], message: 'Done' },
  })
  script.finish()
  const frames = await client.answer()
  expect(frames.map(({ timestamp: _, ...frame }) => frame)).toEqual([
    { type: 'stream_chunk', content: "I'll help ", agent: 'OrchestratorAgent', chunk_id: 1, total_chunks: null },
    { type: 'agent_switch', from_agent: 'OrchestratorAgent', to_agent: 'PlotGeneratorAgent', reason: 'Plots' },
    { type: 'stream_chunk', content: 'Dragons.', agent: 'PlotGeneratorAgent', chunk_id: 2, total_chunks: null },
    {
      type: 'tool_execution',
      tool_name: 'save_plot',
      status: 'executing',
      message: 'Running save_plot...',
      progress: 0,
    },
    {
      type: 'tool_execution',
      tool_name: 'save_plot',
      status: 'executing',
      message: 'Saving plot to database...',
      progress: 0.5,
    },
    { type: 'tool_execution', tool_name: 'save_plot', status: 'completed', message: 'save_plot is done', progress: 1 },
    {
      type: 'completion',
      message: 'Done',
      results: { plot_id: 'p', agents_used: ['OrchestratorAgent', 'PlotGeneratorAgent'] },
    },
  ])
})

test('[TEAM-2] all sockets of a session get its frames, those of another get none', async () => {
  await using team = await openTeam()
  const [a, b] = await Promise.all([team.open('same'), team.open('same')])
  const other = await team.open('other')
  a.say('hi')
  const { script } = await team.script(0)
  script.give({ type: 'text', text: 'Hello', by: 'OrchestratorAgent' })
  script.finish()
  expect(textOf(await a.answer())).toBe('Hello')
  expect(textOf(await b.answer())).toBe('Hello')
  other.send({ type: 'ping' })
  await other.expect('pong')
})

test('[TEAM-2] two sessions of one account are told apart, and another account has a session of its own by the same id', async () => {
  await using team = await openTeam()
  const [ann, ben] = [await team.world.member('ann'), await team.world.member('ben')]
  const as = ({ key }: { key: string }) => ({ headers: { 'X-API-Key': key } })
  const one = await team.open('one', as(ann))
  const two = await team.open('two', as(ann))
  const foreign = await team.open('one', as(ben))
  one.say('hi')
  const { script } = await team.script(0)
  script.give({ type: 'text', text: 'Hello', by: 'OrchestratorAgent' })
  script.finish()
  await one.answer()
  for (const client of [two, foreign]) {
    client.send({ type: 'session_restore' })
    expect(await client.expect('session_restored')).toMatchObject({ messages: [], current_agent: null })
  }
})

test('[TEAM-3] questions of a session are answered one after the other, each with a last frame of its own', async () => {
  await using team = await openTeam()
  const client = await team.open('s')
  client.send({
    type: 'batch',
    messages: [{ content: 'one' }, 'two', { type: 'ping' }, { type: 'message', content: 'PING ' }],
  })
  await client.expect('pong')
  await client.expect('pong')
  const first = await team.script(0)
  first.script.give({ type: 'text', text: '1', by: 'OrchestratorAgent' })
  first.script.finish()
  const second = await team.script(1)
  expect(second.question.message.body).toBe('two')
  second.script.give({ type: 'text', text: '2', by: 'OrchestratorAgent' })
  second.script.finish()
  expect(textOf(await client.answer())).toBe('1')
  expect(textOf(await client.answer())).toBe('2')
})

test('[TEAM-4] a session is restored with what was said, and with the answer under way, which goes on behind it', async () => {
  await using team = await openTeam()
  const a = await team.open('s')
  a.say('first')
  const first = await team.script(0)
  first.script.give({ type: 'text', text: 'Done.', by: 'PlotGeneratorAgent' })
  first.script.finish()
  await a.answer()
  a.say('second')
  const { script } = await team.script(1)
  script.give({ type: 'text', text: 'one ', by: 'OrchestratorAgent' })
  script.give({ type: 'text', text: 'two ', by: 'OrchestratorAgent' })
  script.give({ type: 'tool', call: 'x', name: 'save_plot', state: 'started', detail: null })
  await a.expect('stream_chunk')
  await a.expect('stream_chunk')
  await a.expect('tool_execution')
  const b = await team.open('s')
  b.send({ type: 'session_restore' })
  const { messages, ...rest } = await b.expect('session_restored')
  expect(rest).toMatchObject({ session_id: 's', current_model: 'parley-guide', current_agent: 'OrchestratorAgent' })
  expect(messages).toMatchObject([
    { role: 'user', content: 'first', agent: null },
    { role: 'assistant', content: 'Done.', agent: 'PlotGeneratorAgent' },
    { role: 'user', content: 'second', agent: null },
    { role: 'assistant', content: 'one two ', agent: 'OrchestratorAgent', streaming: true, chunk_id: 2 },
  ])
  expect(await b.expect('tool_execution')).toMatchObject({ tool_name: 'save_plot', status: 'executing' })
  script.give({ type: 'text', text: 'three', by: 'OrchestratorAgent' })
  script.finish()
  expect(await b.expect('stream_chunk')).toMatchObject({ content: 'three', chunk_id: 3 })
  await b.expect('completion')
})

test('[TEAM-5] a session has a model; an answer may have another one, and a name that nobody knows is refused', async () => {
  await using team = await openTeam()
  const client = await team.open('s')
  expect(await client.ask({ type: 'model_switch', options: { model: 'gemini-2.0-flash-exp' } })).toMatchObject({
    ...{ type: 'model_switched', previous_model: 'parley-guide', current_model: 'gemini-2.0-flash-exp' },
  })
  client.say('hi')
  const { question, script } = await team.script(0)
  expect(question.run.options.model).toBe('gemini-2.0-flash-exp')
  script.finish()
  await client.answer()
  client.say('hi', { options: { model: 'other', stream: false } })
  const second = await team.script(1)
  expect(second.question.run.options).toMatchObject({ model: 'other', isWhole: true })
  second.script.give({ type: 'text', text: 'a', by: 'A' })
  second.script.give({ type: 'text', text: 'b', by: 'A' })
  second.script.finish()
  expect(await client.answer()).toMatchObject([{ content: 'ab', chunk_id: 1, total_chunks: 1 }, { type: 'completion' }])
  expect(await client.ask({ type: 'model_switch', content: 'nothing' })).toMatchObject({
    error_code: 'MODEL_NOT_FOUND',
  })
  const later = await team.open('s')
  later.send({ type: 'session_restore' })
  expect(await later.expect('session_restored')).toMatchObject({ current_model: 'gemini-2.0-flash-exp' })
})

test('[TEAM-6] an answer can be stopped, and those behind it with it', async () => {
  await using team = await openTeam()
  const client = await team.open('s')
  client.say('one')
  client.say('two')
  const { script } = await team.script(0)
  script.give({ type: 'text', text: 'We', by: 'OrchestratorAgent' })
  await client.expect('stream_chunk')
  client.send({ type: 'stop' })
  expect(await client.answer()).toMatchObject([{ message: 'Stopped', results: { stopped: true } }])
  expect(await client.answer()).toMatchObject([{ message: 'Stopped' }])
})

test('[TEAM-7] what is wrong with a frame is said, and the connection stays', async () => {
  await using team = await openTeam()
  const client = await team.open('s')
  const codeOf = async (frame: unknown) => {
    client.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    return (await client.expect('error')).error_code
  }
  expect(await codeOf('{')).toBe('INVALID_JSON')
  expect(await codeOf('[]')).toBe('INVALID_JSON')
  expect(await codeOf({ type: 'dance' })).toBe('INVALID_MESSAGE_TYPE')
  expect(await codeOf({ type: 'message' })).toBe('MISSING_FIELD')
  expect(await codeOf({ content: ' ' })).toBe('EMPTY_CONTENT')
  expect(await codeOf({ content: 'x'.repeat(10_001) })).toBe('CONTENT_TOO_LONG')
  expect(await codeOf({ content: 'x', timestamp: 'soon' })).toBe('INVALID_TIMESTAMP')
  expect(await codeOf({ content: 'x', user_id: 7 })).toBe('INVALID_USER_ID')
  expect(await codeOf({ type: 'batch' })).toBe('MISSING_FIELD')
  client.ws.send('ping')
  await client.expect('pong')
})

test('[TEAM-8] sixty messages a minute are taken of a session, whichever socket they come by', async () => {
  await using team = await openTeam()
  const [a, b] = [await team.open('s'), await team.open('s')]
  for (let i = 0; i < 60; i++) (i % 2 ? a : b).say('hi')
  for (const client of [a, b]) {
    client.send({ type: 'ping' })
    await client.expect('pong')
  }
  a.say('one more')
  const refused = await a.expect('error')
  expect(refused).toMatchObject({ error_code: 'RATE_LIMIT_EXCEEDED', details: { max_messages: 60, window_ms: 60_000 } })
})

test('[TEAM-9] a session id that is none is refused at the upgrade', async () => {
  await using team = await openTeam()
  for (const [session, status] of [
    ['a'.repeat(51), 400],
    ['a%20b', 400],
    ['ä', 400],
  ] as const)
    expect((await team.world.knock(`/ws/${session}`)).status).toBe(status)
  expect(testTeam.agents).toHaveLength(2)
})

test('[TEAM-10] an agent that is too slow, and one that fails otherwise', async () => {
  await using team = await openTeam()
  const client = await team.open('s')
  client.say('hi')
  const { AgentFailed } = await import('../../src/core/ports/agents.ts')
  const fault = { code: 'timeout', agent: 'PlotGeneratorAgent', milliseconds: 30_000 } as const
  ;(await team.script(0)).script.fail(new AgentFailed('too slow', undefined, fault))
  expect(await client.expect('error')).toMatchObject({
    error_code: 'AGENT_TIMEOUT',
    message: 'Agent processing timed out after 30 seconds',
    details: { agent: 'PlotGeneratorAgent', timeout_duration: 30_000 },
  })
  client.say('hi')
  ;(await team.script(1)).script.fail(new AgentFailed('no model'))
  expect(await client.expect('error')).toMatchObject({
    error_code: 'AGENT_ERROR',
    message: 'Failed to process message: no model',
  })
  client.say('hi')
  const slower = { ...fault, milliseconds: 60_000 } as const
  ;(await team.script(2)).script.fail(new AgentFailed('too slow', undefined, slower))
  expect(await client.expect('error')).toMatchObject({
    ...{ message: 'Agent processing timed out after 60 seconds', details: { timeout_duration: 60_000 } },
  })
})

test('[ACC-3] an API key as the token of a session makes it the account’s; a wrong one opens nothing', async () => {
  await using team = await openTeam()
  const { key, user } = await team.world.member('ann')
  const client = await team.open(`session-1?token=${key}`)
  client.say('hello')
  const { script, question } = await team.script(0)
  expect(question.asker.id).toBe(user.id)
  script.finish()
  await client.answer()
  expect((await team.world.knock(`/ws/session-1?token=${key.replace(/.$/, 'x')}`)).status).toBe(401)
})

test('[TEAM-13] after a restart a session is answered by its team', async () => {
  await using directory = await temporaryDirectory()
  const asked = async () => {
    const agent = new TestAgent()
    await using world = await openWorld({ agents: agent, store: await openSqliteStore(join(directory.path, 'data')) })
    const client = await SessionClient.open(world, 'session-1')
    client.say('hello')
    await until(() => agent.asked.length > 0)
    const { script, question } = agent.asked[0]!
    script.finish()
    await client.answer()
    return world.core.context.directory.agent(question.run.agent)?.name
  }
  expect([await asked(), await asked()]).toEqual([testTeam.name, testTeam.name])
})

test('[TEAM-14] a team that there is not is refused before anything opens', async () => {
  await using team = await openTeam()
  const { status, body } = await team.world.knock('/ws/session-1?team=book')
  expect([status, JSON.parse(body)]).toEqual([400, { detail: 'There is no such team; there are books' }])
  const client = await team.open('session-1?team=books')
  client.say('hello')
  const { script } = await team.script(0)
  script.finish()
  await client.answer()
})

test('[TEAM-11] an answer under way can be steered; without one it is a question, and the latest one can be answered again', async () => {
  await using team = await openTeam()
  Object.assign(team.agent, { isSteerable: true })
  const client = await team.open('s')
  client.say('a tale')
  const { question, script } = await team.script(0)
  script.give({ type: 'text', text: 'Once', by: 'OrchestratorAgent' })
  await client.expect('stream_chunk')
  client.say('shorter', { options: { steer: true } })
  client.send({ type: 'ping' })
  await client.expect('pong')
  expect(question.takeAsides()).toEqual(['shorter'])
  script.finish()
  expect(await client.answer()).toHaveLength(1)
  client.say('now what', { options: { steer: true } })
  ;(await team.script(1)).script.finish()
  await client.answer()
  client.send({ type: 'regenerate' })
  const again = await team.script(2)
  expect(again.question.message.body).toBe('now what')
  again.script.give({ type: 'text', text: 'Well', by: 'OrchestratorAgent' })
  await client.expect('stream_chunk')
  client.send({ type: 'stop' })
  await client.answer()
  client.send({ type: 'continue' })
  expect((await team.script(3)).question.message.body).toBe('now what')
  ;(await team.script(3)).script.finish()
  await client.answer()
  client.send({ type: 'session_restore' })
  const { messages } = await client.expect('session_restored')
  expect((messages as { content: string }[]).map(({ content }) => content)).toEqual([
    ...['a tale', 'shorter', 'Once', 'now what', 'Well'],
  ])
})

test('[TEAM-12] a search tells what the words are in: a guest of the session, an account of all that it may read', async () => {
  await using team = await openTeam()
  const guest = await team.open('session-of-a-guest')
  guest.say('A novel with dragons')
  const { script } = await team.script(0)
  script.give({ type: 'text', text: 'Once there was a Dragon.', by: 'OrchestratorAgent' })
  script.finish()
  await guest.answer()
  guest.send({ type: 'search', content: 'dragon' })
  const chunk = await guest.expect('stream_chunk')
  expect(chunk).toMatchObject({ agent: 'OrchestratorAgent', chunk_id: 1 })
  expect(chunk.content).toMatch(
    /^Found 2 messages:\n- .* books: Once there was a Dragon\.\n- .*: A novel with dragons$/,
  )
  expect(await guest.expect('stream_end')).toMatchObject({ full_response: chunk.content })
  guest.send({ type: 'search', content: 'unicorn' })
  expect(await guest.expect('stream_chunk')).toMatchObject({ content: 'Nothing was found.' })
  await guest.expect('stream_end')

  const ann = await team.world.member('ann')
  await team.world.execute(ann, { type: 'message.send', to: { at: 'lobby' }, body: 'Dragons are here' })
  const hers = await team.open('hers', { headers: { 'X-API-Key': ann.key } })
  hers.send({ type: 'search', content: 'dragons' })
  expect((await hers.expect('stream_chunk')).content).toMatch(/^Found one message:\n- .* ann in .*: Dragons are here$/)
  await hers.expect('stream_end')
})
