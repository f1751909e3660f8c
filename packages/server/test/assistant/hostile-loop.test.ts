import { expect, test } from 'vitest'
import type { Tool } from '../../src/agents/tools/tool.ts'
import { begin, called, ended, type Reply, said, serve } from '../agents/models/server.ts'
import { tool } from '../agents/tools.ts'
import { AssistantClient } from './client.ts'
import { lastOf, openAnswering } from './orders.ts'

interface Wish {
  readonly name: string
  readonly args?: string
}

/** A model that makes these calls at once, as often as it is asked up to `rounds`, and then says that it is done. */
const calling =
  (wishes: readonly Wish[], rounds = 1): Reply =>
  (response, _, count) => {
    if (count > rounds) return begin(response, said('That is all.')).end(ended())
    begin(response, ...wishes.map(({ name, args = '{}' }, at) => called(at, args, name))).end(ended('tool_calls'))
  }

/** What somebody is answered who asks such a model, and what the model was asked. */
async function answered(reply: Reply, ...tools: readonly Tool[]) {
  const model = await serve(reply)
  await using world = await openAnswering(model.url, [{ toolsFor: async () => tools }])
  const client = await AssistantClient.open(world)
  client.send({ type: 'chat', message: 'Go on' })
  for (;;) {
    const frame = await client.next()
    if (frame.type === 'typing') continue
    const results = frame.tool_results as readonly { readonly result?: unknown; readonly error?: string }[] // documented
    return { frame, results, size: JSON.stringify(frame).length, asked: model.asked }
  }
}

test('[AGENT-93] of a thousand calls at once only so many are carried out, and the model is told', async () => {
  const echo = tool('echo')
  const wishes = Array.from({ length: 1_000 }, (_, of) => ({ name: 'echo', args: `{"of":${of}}` }))
  const { frame, results, asked } = await answered(calling(wishes), echo)
  expect(frame).toMatchObject({ type: 'ai_response', message: 'That is all.' })
  expect([results.length, echo.calls.length]).toEqual([10, 10])
  expect(lastOf(asked[1]!).text).toContain('Too many calls at once: only 10 are carried out')
})

test('[AGENT-93] a call with megabytes runs nothing, is shown by its beginning, and does not go back to the model', async () => {
  const echo = tool('echo')
  const args = JSON.stringify({ of: 'x'.repeat(3_000_000) })
  const { frame, results, size, asked } = await answered(calling([{ name: 'echo', args }]), echo)
  expect(frame).toMatchObject({ type: 'ai_response', message: 'That is all.' })
  expect(results).toMatchObject([{ error: 'Invalid arguments' }])
  expect(echo.calls).toEqual([])
  expect(size).toBeLessThan(10_000)
  expect(JSON.stringify(asked[1]!.body).length).toBeLessThan(100_000)
})

test('[AGENT-93] a model that calls in circles is ended with a note', async () => {
  const echo = tool('echo')
  const { frame, asked } = await answered(calling([{ name: 'echo' }], 1_000), echo)
  expect(frame.message).toBe('[The answer ends here: more than 10 rounds of tool calls are not allowed.]')
  expect([echo.calls.length, asked.length]).toEqual([10, 11])
})

test('[AGENT-93] a name that is none is shown without what moves a screen', async () => {
  const { frame, results } = await answered(calling([{ name: 'get\u0000\u001b[2J\u202eOrder' }]))
  expect(frame).toMatchObject({ type: 'ai_response', message: 'That is all.' })
  expect(results).toMatchObject([{ name: 'get��[2J�Order', error: 'Unknown tool: get��[2J�Order' }])
})

test('[AGENT-93] a tool that gives too much, never ends or breaks leaves an answer behind', async () => {
  const much = tool('much', { run: async () => 'x'.repeat(50_000_000) })
  const never = tool('never', { timeLimit: 20, run: () => new Promise(() => undefined) })
  const broken = tool('broken', {
    run: () => {
      throw new Error('s3cret')
    },
  })
  const wishes = ['much', 'never', 'broken'].map(name => ({ name }))
  const { frame, results, size, asked } = await answered(calling(wishes), much, never, broken)
  expect(frame).toMatchObject({ type: 'ai_response', message: 'That is all.' })
  expect(results).toMatchObject([
    { result: { truncated: true, bytes: 50_000_002 } },
    { error: 'Request timeout' },
    { error: 'The tool failed' },
  ])
  expect(size).toBeLessThan(250_000)
  expect(JSON.stringify(asked[1]!.body).length).toBeLessThan(100_000)
  expect(JSON.stringify([frame, asked.map(({ body }) => body)])).not.toContain('s3cret')
})
