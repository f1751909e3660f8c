import { expect, test } from 'vitest'
import { performAll } from '../../src/agents/calls.ts'
import { ModelFault } from '../../src/agents/models/fault.ts'
import type { Model } from '../../src/agents/models/model.ts'
import { requestOf } from '../../src/agents/prompt.ts'
import { answerInRounds, type RoundPorts } from '../../src/agents/rounds.ts'
import { Details } from '../../src/agents/tools/cut.ts'
import type { Json, Tool } from '../../src/agents/tools/tool.ts'
import { Tally } from '../../src/agents/usage.ts'
import { AgentFailed, type Question } from '../../src/core/ports/agents.ts'
import type { RunStepContent, RunUsage } from '../../src/core/run.ts'
import { ownTime } from '../outbound/time.ts'
import { ask } from './question.ts'
import { failing, type Round, scripted } from './scripted.ts'
import { keptApprovals, plain, tool, toolsOf } from './tools.ts'

interface Over extends Partial<RoundPorts> {
  readonly question?: Question
  readonly tools?: readonly Tool[]
  readonly signal?: AbortSignal
}

/** Lets models answer; what was told, and what it took. */
async function answer(models: readonly Model[], over: Over = {}) {
  const { question = ask('What weather is it?'), tools = [], signal = new AbortController().signal, ...ports } = over
  const task = {
    ...{ question, models, tools: toolsOf(...tools), details: new Details(), tally: new Tally(models[0]!.name, 10) },
    ...{
      requestFor: (...of: [Parameters<typeof requestOf>[1], Parameters<typeof requestOf>[2]]) =>
        requestOf(question, ...of),
    },
    after: [],
  }
  const steps: RunStepContent[] = []
  const usages: RunUsage[] = []
  const all = { ...plain, later: ownTime().after, onTrouble: () => undefined, ...ports }
  let error: unknown = null
  try {
    for await (const event of answerInRounds(task, signal, all))
      if (event.type === 'usage') usages.push(event.usage)
      else if (event.type !== 'left_out' && event.type !== 'results') steps.push(event)
  } catch (caught) {
    error = caught
  }
  const text = steps.map(step => (step.type === 'text' ? step.text : '')).join('')
  const calls = steps.flatMap(step => (step.type === 'tool' ? [`${step.call} ${step.name} ${step.state}`] : []))
  return { steps, usages, text, calls, error }
}

const weather = () => tool('weather', { run: async () => ({ rain: true }) })

test('[AGENT-60] a model calls, gets results and answers; its texts are apart, and people see each call', async () => {
  const model = scripted([
    ['Let me look.', ['weather', { of: 'Rome' }]],
    ['It ', 'rains.'],
  ])
  const { steps, text, error } = await answer([model], { tools: [weather()] })
  expect(error).toBeNull()
  expect(steps).toEqual([
    { type: 'text', text: 'Let me look.' },
    { type: 'tool', call: 'call-1', name: 'weather', state: 'started', detail: { arguments: { of: 'Rome' } } },
    { type: 'tool', call: 'call-1', name: 'weather', state: 'completed', detail: { rain: true } },
    { type: 'text', text: '\n\nIt ' },
    { type: 'text', text: 'rains.' },
  ])
  expect(text).toBe('Let me look.\n\nIt rains.')
  expect(model.asked[0]!.tools).toEqual([
    { name: 'weather', description: 'Does weather.', parameters: { type: 'object' } },
  ])
  expect(model.asked[1]!.turns.slice(-2)).toMatchObject([
    { role: 'called', calls: [{ id: 'm-1', name: 'weather' }] },
    { role: 'results', results: [{ id: 'm-1', name: 'weather', state: 'completed', value: { rain: true } }] },
  ])
})

test('[AGENT-60] the model that answered the first round is asked in the others', async () => {
  const first = scripted([], { name: 'a/m', stream: failing(new ModelFault('credentials_refused')) })
  const second = scripted([[['weather', {}]], ['ok']], { name: 'b/m' })
  const { text } = await answer([first, second], { tools: [weather()] })
  expect(text).toBe('ok')
  expect(second.asked).toHaveLength(2)
})

test('[AGENT-61] calls that read run side by side, and their results keep the order of the calls', async () => {
  const isBegun = Promise.withResolvers<void>()
  const slow = tool('slow', {
    run: async () => isBegun.promise.then(() => new Promise(setImmediate)).then(() => 'first'),
  })
  const fast = tool('fast', {
    async run() {
      isBegun.resolve()
      return 'second'
    },
  })
  const model = scripted([
    [
      ['slow', {}],
      ['fast', {}],
    ],
    ['ok'],
  ])
  const { calls } = await answer([model], { tools: [slow, fast] })
  expect(calls).toEqual([
    'call-1 slow started',
    'call-2 fast started',
    'call-2 fast completed',
    'call-1 slow completed',
  ])
  expect(model.asked[1]!.turns.at(-1)).toMatchObject({ results: [{ value: 'first' }, { value: 'second' }] })
})

test('[AGENT-61] what writes runs alone, after what was called before it and before what was called after it', async () => {
  const order: string[] = []
  const logged = (name: string, effect: Tool['effect']) =>
    tool(name, {
      effect,
      async run() {
        order.push(`${name} begins`)
        await new Promise(setImmediate)
        order.push(`${name} ends`)
        return null
      },
    })
  const all = [logged('a', 'read'), logged('w', 'write'), logged('b', 'read')]
  const calls = ['a', 'w', 'b'].map(name => ({ id: name, name, args: {}, isApproved: true }))
  const place = { question: ask('x'), details: new Details(), tools: toolsOf(...all) }
  const work = performAll(calls, place, new AbortController().signal, { ...plain, later: ownTime().after })
  for await (const _ of work);
  expect(order).toEqual(['a begins', 'a ends', 'w begins', 'w ends', 'b begins', 'b ends'])
})

test('[AGENT-62] after so many rounds the answer ends with a note, and so many calls of a round are carried out', async () => {
  const eager = scripted(() => ['Again.', ['weather', {}], ['weather', {}], ['weather', {}]])
  const one = weather()
  const { text, error } = await answer([eager], { tools: [one], limits: { rounds: 2, calls: 2 } })
  expect(error).toBeNull()
  expect(one.calls).toHaveLength(4)
  expect(eager.asked).toHaveLength(3)
  expect(text).toBe(
    'Again.\n\nAgain.\n\nAgain.\n\n[The answer ends here: more than 2 rounds of tool calls are not allowed.]',
  )
  const [, , third] = (eager.asked[1]!.turns.at(-1) as unknown as { results: readonly object[] }).results
  expect(third).toMatchObject({ state: 'failed', value: { error: 'Too many calls at once: only 2 are carried out' } })
})

test('[AGENT-63] results fit the window of the model, round after round; people see them whole', async () => {
  const long = tool('long', { run: async () => 'x'.repeat(20_000) })
  const model = scripted(
    Array.from(
      { length: 10 },
      (): Round => [
        ['long', {}],
        ['long', {}],
      ],
    ),
    { window: async () => 8_000 },
  )
  const { steps, text } = await answer([model], { tools: [long] })
  expect(text).toBe('done')
  expect(steps[2]).toMatchObject({ state: 'completed', detail: 'x'.repeat(20_000) })
  const [first] = (model.asked[1]!.turns.at(-1) as unknown as { results: readonly { value: Json }[] }).results
  expect(first!.value).toEqual({ truncated: true, bytes: 20_002, preview: expect.stringMatching(/^"x{100,}$/) })
  for (const { turns } of model.asked) expect(JSON.stringify(turns).length).toBeLessThan(8_000 * 3)
})

test('[AGENT-64] what waits for the asker ends the answer with words of the server, and nothing ran', async () => {
  const { approvals, asked } = keptApprovals()
  const drop = tool('drop', { effect: 'write' })
  const model = scripted([['I will drop it.', ['drop', { table: '```\n‮evil' }], ['weather', {}]]])
  const question = ask('Drop it')
  const { text, calls, steps } = await answer([model], { tools: [drop, weather()], approvals, question })
  expect(drop.calls).toEqual([])
  expect(asked).toMatchObject([{ why: 'write', args: { table: '```\n‮evil' }, question }])
  expect(calls).toEqual(['call-1 drop waiting', 'call-2 weather started', 'call-2 weather completed'])
  expect(steps[1]).toMatchObject({
    detail: { approval: 'A1', expires_at: Date.UTC(2031, 0, 1), arguments: { table: '```\n‮evil' } },
  })
  expect(text).toBe(
    "I will drop it.\n\nThe tool `drop` waits for ann's approval. It would be given this:\n" +
      '````json\n{\n  "table": "```\\n\\u202eevil"\n}\n````\n' +
      'Answer `/approve A1` to let it run, or `/deny A1`. Valid until 2031-01-01 00:00 UTC.',
  )
  expect(model.asked).toHaveLength(1)
})

test('[AGENT-65] usage is the sum of all rounds, and counts by our estimate while one is under way', async () => {
  const model = scripted([['x'.repeat(6_000), ['weather', {}]], ['ok']], {
    isFree: false,
    cost: async ({ input, output }) => ({ cost: ((input ?? 0) + (output ?? 0)) / 1e6, prices: 'table 1' }),
  })
  const { usages } = await answer([model], { tools: [weather()] })
  expect(usages.at(-1)).toEqual({ model: 'stub/m', tokens: 220, cost: 0.00022, prices: 'table 1', charge: 220 })
  const [begun] = usages
  expect(begun).toMatchObject({ model: 'stub/m', isEstimate: true })
  expect(begun!.tokens).toBeGreaterThan(100)
  const spoken = usages.filter(({ isEstimate }) => isEstimate).map(({ tokens }) => tokens!)
  expect(spoken.some(tokens => tokens >= begun!.tokens! + 2_000)).toBe(true)
  expect(usages.find(({ isEstimate }) => !isEstimate)).toMatchObject({ tokens: 110, charge: 110 })
})

test('[AGENT-65] a request that no provider worked on charges nothing, one that broke off or was cancelled does', async () => {
  const refused = scripted([], { isFree: false, stream: failing(new ModelFault('rate_limited', '', 60_000)) })
  const { usages, error } = await answer([refused])
  expect(error).toMatchObject({ code: 'rate_limited' })
  expect(usages.at(-1)).toEqual({ model: 'stub/m', tokens: 0, cost: 0, charge: 0 })
  const stuck = scripted([], { isFree: false, stream: failing(new ModelFault('silent')) })
  expect((await answer([stuck])).usages.at(-1)).toMatchObject({ isEstimate: true, charge: expect.any(Number) })
  const end = new AbortController()
  const cancelled = scripted([], {
    isFree: false,
    async *stream() {
      yield { type: 'text', text: 'so' }
      end.abort(new Error('enough'))
      throw end.signal.reason
    },
  })
  const late = await answer([cancelled], { signal: end.signal })
  expect(late).toMatchObject({ text: 'so', error: new Error('enough') })
  expect(late.usages.at(-1)!.charge).toBeGreaterThan(500)
})

test('[AGENT-65] a paid model without a known price charges by its tokens, with no cost; a free one charges nothing', async () => {
  const paid = await answer([scripted([['ok']], { isFree: false })])
  expect(paid.usages.at(-1)).toEqual({ model: 'stub/m', tokens: 110, cost: null, charge: 1100 })
  const unknown = { input: null, output: null, cacheRead: 0, cacheWrite: 0 }
  const mute = await answer([scripted([['ok']], { isFree: false, took: unknown })])
  expect(mute.usages.at(-1)).toMatchObject({ tokens: null, cost: null, charge: expect.any(Number) })
  expect(mute.usages.at(-1)!.charge).toBeGreaterThan(500)
  expect((await answer([scripted([['ok']])])).usages.at(-1)).toMatchObject({ charge: 0 })
})

/** A question of somebody who has spent so much, this answer not counted. */
function spender(over: { person?: number; guests?: number; room?: number }) {
  const spent = { person: null, room: null, guests: null, ...over }
  return ask('hi', { spending: async () => spent })
}

test('[AGENT-70] a budget that is used up stops paid models before they are asked, between rounds too', async () => {
  const budgets = { person: 2_000_000, room: 10_000_000, guests: 0 }
  const paid = scripted([['ok']], { isFree: false })
  const { error, usages } = await answer([paid], { budgets, question: spender({ person: 2_000_001 }) })
  expect(error).toEqual(new AgentFailed('Your budget for language models is used up. It is renewed at 00:00 UTC.'))
  expect(usages.at(-1)).toEqual({ model: 'stub/m', tokens: 0, cost: 0, charge: 0 })
  expect((await answer([paid], { budgets, question: spender({ guests: 1 }) })).error).toMatchObject({
    message: expect.stringContaining('The budget of all guests'),
  })
  expect((await answer([paid], { budgets, question: spender({ room: 10_000_001 }) })).error).toMatchObject({
    message: expect.stringContaining('The budget of this room'),
  })
  expect(paid.asked).toEqual([])
  expect((await answer([paid], { budgets, question: spender({ person: 2_000_000 }) })).text).toBe('ok')
  const amounts = [1_500_000, 3_000_000]
  const rising = ask('hi', { spending: async () => ({ person: amounts.shift() ?? null, room: null, guests: null }) })
  const twice = scripted([['Wait.', ['weather', {}]], ['never']], { isFree: false })
  const cut = await answer([twice], { budgets, question: rising, tools: [weather()] })
  expect(cut).toMatchObject({ text: 'Wait.', error: expect.any(AgentFailed) })
  expect(cut.usages.at(-1)).toMatchObject({ tokens: 110, charge: 1100 })
})

test('[AGENT-71] where a budget is used up a free model takes over; free models alone are never asked for', async () => {
  const budgets = { person: 0, room: 0, guests: 0 }
  const paid = scripted([['paid']], { isFree: false, name: 'paid/m' })
  const free = scripted([['free']], { name: 'free/m' })
  const { text, usages } = await answer([paid, free], { budgets, question: spender({ person: 1 }) })
  expect(text).toBe('free')
  expect(paid.asked).toEqual([])
  expect(usages.at(-1)).toMatchObject({ model: 'free/m', charge: 0 })
  const nobody = ask('hi', { spending: () => Promise.reject(new Error('not to be asked')) })
  expect((await answer([scripted([['free']])], { budgets, question: nobody })).error).toBeNull()
})

test('[AGENT-90] what is said while a model answers is heard in the next round, also at the very end', async () => {
  const asides = [[], ['shorter!'], []]
  const question: Question = { ...ask('Tell me'), takeAsides: () => asides.shift() ?? [] }
  const model = scripted([['A long tale.'], ['A tale.']])
  const { text } = await answer([model], { question })
  expect(text).toBe('A long tale.\n\nA tale.')
  expect(model.asked[1]!.turns.slice(-2)).toEqual([
    { role: 'assistant', text: 'A long tale.' },
    { role: 'user', text: 'shorter!' },
  ])
})
