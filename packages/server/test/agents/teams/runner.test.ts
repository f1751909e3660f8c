import { expect, test } from 'vitest'
import { ModelFault } from '../../../src/agents/models/fault.ts'
import type { Model } from '../../../src/agents/models/model.ts'
import { createTeamRunner } from '../../../src/agents/teams/runner.ts'
import { type Approvals, noApprovals } from '../../../src/agents/tools/approval.ts'
import type { Tool } from '../../../src/agents/tools/tool.ts'
import { AgentFailed } from '../../../src/core/ports/agents.ts'
import { ownTime } from '../../outbound/time.ts'
import { ask } from '../question.ts'
import { scripted } from '../scripted.ts'
import { keptApprovals, plain, tool } from '../tools.ts'
import { file, teamOf, told } from './teams.ts'

interface Given {
  readonly models: Readonly<Record<string, Model>>
  readonly tools?: readonly Tool[]
  readonly time?: ReturnType<typeof ownTime>
  readonly of?: unknown
  readonly timeLimit?: number
  readonly approvals?: Approvals
}

function team({
  models,
  tools = [],
  time = ownTime(),
  of = file,
  timeLimit = 600_000,
  approvals = noApprovals,
}: Given) {
  return createTeamRunner(teamOf(of), {
    ...plain,
    catalog: { choose: wanted => [models[wanted ?? 'std'] ?? models.std!] },
    sources: [{ toolsFor: async () => tools }],
    ...{ later: time.after, onTrouble: () => undefined, timeLimit, approvals },
  })
}

const handOff = (to: string, reason = 'because') => ['hand_off', { to, reason }] as const

test('[TEAM-24] a hand-off switches agent, instructions, tools and model inside one answer', async () => {
  const std = scripted([['I ask another. ', handOff('second', 'It is about notes')]])
  const other = scripted([['On it.', ['save', { title: 'T' }]], ['Saved.']], { name: 'other/m' })
  const save = tool('save', { run: async ({ title }) => ({ note_id: 'n', title: title ?? '' }) })
  const { words, text, error } = await told(team({ models: { std, 'other/m': other }, tools: [save] }), ask('hi'))
  expect(error).toBeNull()
  expect(words).toEqual([
    'FirstAgent: I ask another. ',
    'FirstAgent > SecondAgent: It is about notes',
    'SecondAgent: \n\nOn it.',
    ...['save started', 'save completed'],
    'SecondAgent: \n\nSaved.',
    expect.stringContaining(
      '"note_id":"n","title":"T","agents_used":["FirstAgent","SecondAgent"],"model_used":"other/m"',
    ),
  ])
  expect(text).toBe('I ask another. \n\nOn it.\n\nSaved.')
  expect(std.asked[0]!.instructions).toContain('You are FirstAgent')
  expect(std.asked[0]!.tools.map(({ name }) => name)).toEqual(['hand_off', 'consult'])
  expect(other.asked[0]!.instructions).toContain('You are SecondAgent')
  expect(other.asked[0]!.tools.map(({ name }) => name)).toEqual(['hand_off', 'save'])
  const seen = JSON.stringify(other.asked[0]!.turns)
  expect(seen).toContain('I ask another.')
  expect(seen).toContain('It is about notes')
})

test('[TEAM-25] work that goes around and around ends: who had it too often is not offered any more', async () => {
  const std = scripted(({ instructions, tools }) => {
    const to = instructions.includes('FirstAgent of') ? 'second' : 'first'
    return tools.some(({ name }) => name === 'hand_off') ? [handOff(to)] : ['Enough.']
  })
  const { words } = await told(team({ models: { std } }), ask('hi'))
  expect(words.filter(word => word.includes(' > '))).toHaveLength(3)
  expect(words.at(-2)).toContain('Enough.')
})

test('[TEAM-25] a hand-off to somebody whom the agent may not give work to fails, and the agent goes on', async () => {
  const std = scripted([[handOff('third')], ['I do it myself.']])
  const { words } = await told(team({ models: { std } }), ask('hi'))
  expect(words[0]).toBe('FirstAgent: I do it myself.')
  expect(std.asked[1]!.turns.at(-1)).toMatchObject({ role: 'results', results: [{ state: 'failed' }] })
})

test('[TEAM-26] agents that are asked answer side by side, and who asked keeps the work', async () => {
  const std = scripted(({ instructions, turns }) => {
    if (instructions.includes('ThirdAgent of')) return ['Seven of ten.']
    return turns.at(-1)?.role === 'results'
      ? ['It got seven.']
      : [['consult', { agents: ['third'], about: 'the plot' }]]
  })
  const { words } = await told(team({ models: { std } }), ask('score it'))
  expect(words).toEqual([
    ...['consult started', 'consult progress', 'consult progress', 'consult completed'],
    'FirstAgent: It got seven.',
    expect.stringContaining('"agents_used":["FirstAgent","ThirdAgent"]'),
  ])
  expect(JSON.stringify(std.asked.at(-1)!.turns)).toContain('Seven of ten.')
})

test('[TEAM-27] an agent that gives nothing for its time fails by name; one that gives something now and then does not', async () => {
  const time = ownTime()
  const stuck = scripted([], {
    async *stream(_, signal) {
      yield { type: 'text', text: 'Hm' }
      signal.throwIfAborted()
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  })
  const runner = team({ models: { std: stuck }, time })
  const answer = runner.answer(ask('hi'), new AbortController().signal)
  for (let event = await answer.next(); event.value?.type !== 'text'; event = await answer.next());
  const next = answer.next()
  time.pass(29_999)
  time.pass(1)
  const fault = { code: 'timeout', agent: 'FirstAgent', milliseconds: 30_000 }
  await expect(next).rejects.toEqual(expect.objectContaining({ fault }))
  expect(time.waits()).toEqual([])
})

test('[TEAM-27] a model that fails is told with the agent that it failed', async () => {
  const broken = scripted([], {
    // biome-ignore lint/correctness/useYield: it fails before it gives anything
    async *stream() {
      throw new ModelFault('question_refused')
    },
  })
  const { error } = await told(team({ models: { std: broken } }), ask('hi'))
  expect(error).toBeInstanceOf(AgentFailed)
  expect(error).toMatchObject({ fault: { code: 'failed', agent: 'FirstAgent' } })
})

test('[TEAM-24] when the answer is stopped nothing more is asked', async () => {
  const end = new AbortController()
  const std = scripted([['One ', handOff('second')]])
  const runner = team({ models: { std } })
  const seen: string[] = []
  for await (const event of runner.answer(ask('hi'), end.signal)) {
    seen.push(event.type)
    if (event.type === 'text') end.abort()
  }
  expect(std.asked).toHaveLength(1)
})

test('[TEAM-28] all agents together have the time of one answer', async () => {
  const [time, begun] = [ownTime(), Promise.withResolvers<void>()]
  const std = scripted([], {
    async *stream(_, signal) {
      yield { type: 'text', text: 'Wait.' }
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        begun.resolve()
      })
    },
  })
  const answered = told(team({ models: { std }, time, timeLimit: 20_000 }), ask('hi'))
  await begun.promise
  time.pass(20_000)
  const { error, text } = await answered
  expect(error).toBeInstanceOf(AgentFailed)
  expect([String(error), text]).toEqual([expect.stringContaining('The answer took too long'), 'Wait.'])
})

test('[TEAM-28] an answer that waits for its asker does not say that all is done', async () => {
  const save = tool('save', { effect: 'write' })
  const std = scripted([['So. ', handOff('second')], [['save', { title: 'T' }]]])
  const { approvals } = keptApprovals()
  const { words, text } = await told(team({ models: { std }, tools: [save], approvals }), ask('hi'))
  expect(text).toContain('Answer `/approve A1` to let it run')
  expect(words.at(-1)).toContain('"message":"save waits for an approval"')
})
