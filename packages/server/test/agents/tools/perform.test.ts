import { expect, test } from 'vitest'
import { approvalNeeded } from '../../../src/agents/tools/approval.ts'
import { cutTo, Details } from '../../../src/agents/tools/cut.ts'
import { type Call, type Performed, perform, type ToolStep } from '../../../src/agents/tools/perform.ts'
import { shownArguments } from '../../../src/agents/tools/shown-arguments.ts'
import { type Json, type Tool, ToolFailed } from '../../../src/agents/tools/tool.ts'
import type { Question } from '../../../src/core/ports/agents.ts'
import { ownTime } from '../../outbound/time.ts'
import { ask } from '../question.ts'
import { keptApprovals, tool, toolsOf } from '../tools.ts'

interface Over {
  readonly question?: Question
  readonly signal?: AbortSignal
  readonly time?: ReturnType<typeof ownTime>
  readonly details?: Details
  readonly onStep?: (step: ToolStep) => void
}

/** Performs a call; its steps and what became of it. */
async function performed(one: Tool, call: Partial<Call> = {}, over: Over = {}) {
  const { question = ask('x'), signal = new AbortController().signal, time = ownTime(), details = new Details() } = over
  const { approvals, asked } = keptApprovals()
  const faults: unknown[] = []
  const place = { question, details, tools: toolsOf(one) }
  const ports = { later: time.after, approvals, onFault: (error: unknown) => void faults.push(error) }
  const steps: ToolStep[] = []
  const work = perform({ id: 'c', name: one.name, args: {}, ...call }, place, signal, ports)
  let outcome: Performed | undefined
  while (!outcome) {
    const { done, value } = await work.next()
    if (done) outcome = value
    else {
      steps.push(value)
      over.onStep?.(value)
    }
  }
  return { steps: steps.map(({ state, detail }) => [state, detail] as const), outcome, asked, faults, time }
}

test('[AGENT-80] a call is checked, used, and told from its start to its end, with its whole result', async () => {
  const echo = tool('echo', {
    async run(args, { progress, question }) {
      progress('not taken', 0.1)
      progress('half way', 0.5)
      await new Promise(setImmediate)
      progress('back?', 0.2)
      await new Promise(setImmediate)
      progress('x'.repeat(500), 7)
      return { said: args.text ?? null, by: question.asker.name }
    },
  })
  const { steps, outcome } = await performed(echo, { args: { text: 'hi' } })
  expect(steps).toEqual([
    ['started', { arguments: { text: 'hi' } }],
    ['progress', { message: 'half way', progress: 0.5 }],
    ['progress', { message: 'back?', progress: 0.5 }],
    ['progress', { message: 'x'.repeat(200), progress: 1 }],
    ['completed', { said: 'hi', by: 'ann' }],
  ])
  expect(outcome).toEqual({ state: 'completed', value: { said: 'hi', by: 'ann' } })
})

test('[AGENT-81] an unknown tool and arguments that do not fit never run; the model is told why', async () => {
  const strict = tool('strict', {
    parameters: {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    },
  })
  const unknown = await performed(strict, { name: 'rm_rf', args: { n: 1 } })
  expect(unknown.steps).toEqual([
    ['started', { arguments: { n: 1 } }],
    ['failed', { error: 'Unknown tool: rm_rf' }],
  ])
  for (const args of [{}, { n: 'one' }, { n: 1, more: true }, 'broken {', [1], null, { n: 1.5 }] satisfies Json[]) {
    const { steps, outcome } = await performed(strict, { args })
    expect(steps).toEqual([
      ['started', { arguments: args }],
      ['failed', { error: 'Invalid arguments' }],
    ])
    expect(outcome).toMatchObject({ state: 'failed', error: 'Invalid arguments', why: expect.stringMatching(/./) })
  }
  expect(strict.calls).toEqual([])
})

test('[AGENT-82] a schema that never ends, is broken or leads elsewhere lets nothing pass, and takes little time', async () => {
  const step = (n: number) => ({ allOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] })
  const wide = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`d${n}`, step(n)]))
  const schemas = [
    { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } },
    { $ref: '#' },
    { $ref: 'https://example.org/schema.json' },
    { properties: { a: { pattern: '(' } } },
    { $ref: '#/$defs/d0', $defs: { ...wide, d40: { type: 'object' } } },
  ]
  for (const parameters of schemas) {
    const hostile = tool('hostile', { parameters })
    const begin = performance.now()
    const { outcome } = await performed(hostile, { args: { a: `${'a'.repeat(60)}!` } })
    expect(outcome, JSON.stringify(parameters).slice(0, 60)).toMatchObject({ error: 'Invalid arguments' })
    expect(performance.now() - begin).toBeLessThan(2_000)
    expect(hostile.calls).toEqual([])
  }
  expect((await performed(tool('any'), { args: { a: 'x'.repeat(60_000) } })).outcome).toMatchObject({ state: 'failed' })
})

test('[AGENT-83] a tool that takes too long is left alone, whether it heeds that or not', async () => {
  const time = ownTime()
  const stuck = tool('stuck', { timeLimit: 5_000, run: () => new Promise(() => undefined) })
  const { steps, outcome } = await performed(stuck, {}, { time, onStep: () => setImmediate(() => time.pass(5_000)) })
  expect(steps.at(-1)).toEqual(['failed', { error: 'Request timeout' }])
  expect(outcome).toEqual({ state: 'failed', error: 'Request timeout', why: null, status: null })
  expect(stuck.calls[0]!.call.signal.aborted).toBe(true)
})

test('[AGENT-83] the signal ends a call at once and reaches the tool', async () => {
  const end = new AbortController()
  const stuck = tool('stuck', { run: () => new Promise(() => undefined) })
  const time = ownTime()
  const failed = performed(
    stuck,
    {},
    { signal: end.signal, time, onStep: () => setImmediate(() => end.abort(new Error('enough'))) },
  )
  await expect(failed).rejects.toThrow('enough')
  expect(stuck.calls[0]!.call.signal.aborted).toBe(true)
  expect(time.waits()).toEqual([])
})

test('[AGENT-84] what a tool says of its failure is shown; any other error is ours and shown to nobody', async () => {
  const refusing = tool('refusing', { run: () => Promise.reject(new ToolFailed('HTTP 404: no such page', 404)) })
  expect((await performed(refusing)).steps.at(-1)).toEqual(['failed', { error: 'HTTP 404: no such page', status: 404 }])
  const broken = tool('broken', {
    run() {
      throw new Error('password=hunter2')
    },
  })
  const { steps, faults, outcome } = await performed(broken)
  expect(steps.at(-1)).toEqual(['failed', { error: 'The tool failed' }])
  expect(JSON.stringify(outcome)).not.toContain('hunter2')
  expect(faults).toEqual([new Error('password=hunter2')])
})

test('[AGENT-85] results are shown whole as long as they can be stored, then only how they begin', async () => {
  const details = new Details()
  const big = tool('big', { run: async () => '茶'.repeat(50_000) })
  let sum = 0
  for (let n = 0; n < 20; n++) {
    const { steps, outcome } = await performed(big, {}, { details })
    if (n === 0) expect(steps.at(-1)).toEqual(['completed', '茶'.repeat(50_000)])
    expect(outcome).toEqual({ state: 'completed', value: '茶'.repeat(50_000) })
    sum += JSON.stringify(steps).length
    if (n === 19) expect(steps.at(-1)![1]).toMatchObject({ truncated: true, bytes: 150_002 })
  }
  expect(sum).toBeLessThan(900_000)
  expect(cutTo('x"\\'.repeat(1000), 500)).toMatchObject({ truncated: true })
  expect(Buffer.byteLength(JSON.stringify(cutTo('x"\\'.repeat(1000), 500)))).toBeLessThanOrEqual(500)
})

const here = (kind: Question['room']['kind']) => ask('x', { kind })

test('[AGENT-86] writing always needs approval, what is personal only where others read', () => {
  const rooms = ['conversation', 'direct', 'private', 'shared', 'group', 'lobby'] as const
  const needed = (of: Pick<Tool, 'effect' | 'isPersonal'>) => rooms.map(kind => approvalNeeded(of, here(kind)))
  expect(needed({ effect: 'read', isPersonal: false })).toEqual(rooms.map(() => null))
  expect(needed({ effect: 'write', isPersonal: false })).toEqual(rooms.map(() => 'write'))
  expect(needed({ effect: 'write', isPersonal: true })).toEqual(rooms.map(() => 'write'))
  expect(needed({ effect: 'read', isPersonal: true })).toEqual([null, null, 'show', 'show', 'show', 'show'])
})

test('[AGENT-86] a call that waits has not run; an approved one runs', async () => {
  const write = tool('write', { effect: 'write' })
  const { steps, outcome, asked } = await performed(write, { args: { x: 1 } })
  expect(steps).toEqual([['waiting', { approval: 'A1', expires_at: Date.UTC(2031, 0, 1), arguments: { x: 1 } }]])
  expect(outcome).toMatchObject({ state: 'waiting', code: 'A1', args: { x: 1 } })
  expect(asked).toMatchObject([{ why: 'write', args: { x: 1 } }])
  expect(write.calls).toEqual([])
  expect((await performed(write, { args: { x: 1 }, isApproved: true })).outcome).toMatchObject({ value: { x: 1 } })
})

test('[AGENT-86] what is too long to be read is not approved, and what is not seen is shown', async () => {
  const write = tool('write', { effect: 'write' })
  const long = await performed(write, { args: { x: 'x'.repeat(7_000) } })
  expect(long.steps).toEqual([['failed', { error: 'Invalid arguments' }]])
  expect(long.asked).toEqual([])
  let deep: Json = 'x'
  for (let n = 0; n < 2_000; n++) deep = [deep]
  expect((await performed(write, { args: { deep } })).outcome).toMatchObject({ state: 'waiting' })
  expect(shownArguments({ 'a\u202eb': 'c\u200bd\n', n: [1, { m: null }] })).toBe(
    '{\n  "a\\u202eb": "c\\u200bd\\n",\n  "n": [1,{"m":null}]\n}',
  )
  expect(shownArguments({})).toBe('{}')
})

test('[AGENT-83] nothing is used once the signal is aborted', async () => {
  const late = tool('late')
  await expect(performed(late, {}, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  expect(late.calls).toEqual([])
})

test('[AGENT-87] where others read, what a personal tool is given and gives is in no step, approved or not', async () => {
  const mail = tool('mail', { isPersonal: true, run: async () => 'dear ann' })
  const question = here('group')
  const waiting = await performed(mail, { args: { of: 'bob' } }, { question })
  expect(waiting.steps).toEqual([['waiting', { approval: 'A1', expires_at: Date.UTC(2031, 0, 1) }]])
  const shown = await performed(mail, { args: { of: 'bob' }, isApproved: true }, { question })
  expect(shown.steps).toEqual([
    ['started', null],
    ['completed', null],
  ])
  expect(shown.outcome).toEqual({ state: 'completed', value: 'dear ann' })
  const unfit = await performed(
    tool('m', { isPersonal: true, parameters: { required: ['x'] } }),
    { args: { of: 'bob' } },
    { question },
  )
  expect(unfit.steps).toEqual([
    ['started', null],
    ['failed', null],
  ])
  expect((await performed(mail, {}, { question: here('direct') })).steps.at(-1)).toEqual(['completed', 'dear ann'])
})
