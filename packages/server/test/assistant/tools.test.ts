import { TOOLS_MAX_BYTES } from '@parley/protocol/assistant/limits'
import { expect, test } from 'vitest'
import type { RunStepContent } from '../../src/core/run.ts'
import { Space, toolsOf } from '../../src/protocols/assistant/tools.ts'
import { TestAgent } from '../core/runs/desk.ts'
import { openWorld, until } from '../world.ts'
import { AssistantClient } from './client.ts'

const step = (
  call: string,
  state: (RunStepContent & { type: 'tool' })['state'],
  detail: unknown,
  name = 'weather',
): RunStepContent => ({ type: 'tool', call, name, state, detail })

const OSLO = { city: 'Oslo' }

/** A client that asked something, and the script of the answer. */
async function asked(agents: TestAgent, world: Awaited<ReturnType<typeof openWorld>>) {
  const client = await AssistantClient.open(world)
  client.send({ type: 'chat', message: 'Rain?' })
  expect(await client.expect('typing')).toMatchObject({ message: 'AI is thinking...' })
  await until(() => agents.asked.length === 1)
  return { client, script: agents.asked[0]!.script }
}

test('[ASSIST-80] every round of tools is told before the answer, which has the results of all', async () => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const { client, script } = await asked(agents, world)
  script.give(step('1', 'started', { arguments: OSLO }))
  // Told while the run goes on: nothing else comes before this.
  expect(await client.expect('typing')).toMatchObject({ message: 'Working on your request...' })
  script.give(step('2', 'started', null, 'time'))
  script.give(step('2', 'progress', { message: 'half', progress: 0.5 }, 'time'))
  script.give(step('2', 'failed', { error: 'HTTP 404: nothing', status: 404 }, 'time'))
  script.give(step('1', 'completed', ['rain', null]))
  script.say('One ', 'moment. ')
  script.give(step('1', 'started', { arguments: { city: 'Bergen' } }))
  expect(await client.expect('typing')).toMatchObject({ message: 'One moment.' })
  script.give(step('1', 'completed', 'rain'))
  script.say('It rains.')
  script.finish()
  const metadata = { stop_reason: 'end_turn', tool_call_rounds: 2, total_tool_calls: 3 }
  const first = { tool_call_id: '1', name: 'weather', result: ['rain', null] }
  const second = { tool_call_id: '2', name: 'time', error: 'HTTP 404: nothing' }
  const third = { tool_call_id: '1', name: 'weather', result: 'rain' }
  expect(await client.expect('ai_response')).toMatchObject({
    ...{ message: 'One moment. It rains.', tool_calls: [], tool_results: [first, second, third], metadata },
  })
  const { messages } = await client.ask({ type: 'history' })
  const calls = (...of: readonly [string, string, object][]) =>
    of.map(([id, name, args]) => ({ id, name, arguments: args }))
  const tool = { role: 'tool', content: '', metadata: {} }
  expect(messages).toMatchObject([
    { role: 'user', content: 'Rain?', tool_calls: null, tool_results: null },
    { ...tool, tool_calls: calls(['1', 'weather', OSLO], ['2', 'time', {}]), tool_results: [first, second] },
    { ...tool, tool_calls: calls(['1', 'weather', { city: 'Bergen' }]), tool_results: [third] },
    { role: 'assistant', content: 'One moment. It rains.', tool_calls: null, tool_results: null, metadata },
  ])
})

test('[ASSIST-81] calls that wait for an approval are what the answer still wants', async () => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const { client, script } = await asked(agents, world)
  script.give(step('1', 'waiting', { approval: 'ABCD2345', expires_at: 1, arguments: OSLO }, 'make_note'))
  script.give(step('2', 'waiting', null, 'drop_note'))
  script.say('Say /approve ABCD2345')
  script.finish()
  await client.expect('typing')
  expect(await client.expect('ai_response')).toMatchObject({
    tool_calls: [
      { id: '1', name: 'make_note', arguments: OSLO },
      { id: '2', name: 'drop_note', arguments: {} },
    ],
    tool_results: [],
    metadata: { tool_call_rounds: 1, total_tool_calls: 2 },
  })
})

test('[ASSIST-82] what is too large for a frame is shown by its beginning', () => {
  const large = `${'é'.repeat(TOOLS_MAX_BYTES / 4)}\u{1f600}`
  const steps = [step('1', 'completed', large), step('2', 'completed', large), step('3', 'completed', 'small')]
  const { rounds } = toolsOf(
    steps.map((one, at) => ({ ...one, n: at + 1, at: 0 })),
    new Space(),
  )
  const results = rounds.flatMap(round => round.results)
  const bytes = TOOLS_MAX_BYTES / 2 + 6
  expect(results).toMatchObject([
    { tool_call_id: '1', result: large },
    { tool_call_id: '2', result: { truncated: true, bytes, preview: `"${'é'.repeat(999)}` } },
    { tool_call_id: '3', result: 'small' },
  ])
})
