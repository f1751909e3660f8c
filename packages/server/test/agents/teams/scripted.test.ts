import { expect, test } from 'vitest'
import { createScriptedTeam } from '../../../src/agents/teams/scripted.ts'
import type { Tool } from '../../../src/agents/tools/tool.ts'
import { ownTime } from '../../outbound/time.ts'
import { ask } from '../question.ts'
import { keptApprovals, plain, tool } from '../tools.ts'
import { teamOf, told } from './teams.ts'

const team = (...tools: readonly Tool[]) =>
  createScriptedTeam(teamOf(), { ...plain, later: ownTime().after, sources: [{ toolsFor: async () => tools }] })

test('[TEAM-23] without a model whoever begins speaks, then everybody whose words are in the request, and what is made is saved', async () => {
  const save = tool('save', { run: async ({ title }) => ({ note_id: 'n-1', title: title ?? '' }) })
  const { words, error } = await told(team(save), ask('@desk, a note about dragons please'))
  expect(error).toBeNull()
  expect(words).toEqual([
    'FirstAgent: Hello. You said: a ',
    'FirstAgent: note about dragons please',
    'FirstAgent > SecondAgent: Writes down',
    'SecondAgent: \n\nNoted.',
    ...['save started', 'save completed'],
    JSON.stringify({
      ...{ note_id: 'n-1', title: 'Dragons', agents_used: ['FirstAgent', 'SecondAgent'] },
      ...{ model_used: 'parley-guide', message: 'Noted successfully' },
    }),
  ])
})

test('[TEAM-23] the same request gets the same text; one for nobody is answered by whoever begins', async () => {
  const [one, two] = [await told(team(), ask('hello')), await told(team(), ask('hello'))]
  expect(one).toEqual(two)
  expect(one.text).toBe('Hello. You said: hello')
  expect(one.words.at(-1)).toContain('"agents_used":["FirstAgent"]')
})

test('[TEAM-23] a tool that is not there, or fails, is said to have failed, and the answer goes on', async () => {
  const { words, text } = await told(team(), ask('a note'))
  expect(words).toContain('save failed')
  expect(text).toContain('Noted.\n\nsave failed: Unknown tool: save')
  expect(words.at(-1)).toContain('"message":"save failed"')
})

test('[TEAM-23] a tool that needs an approval waits for it, and the answer says so', async () => {
  const save = tool('save', { effect: 'write', run: async () => 'saved' })
  const { approvals, asked } = keptApprovals()
  const sources = [{ toolsFor: async () => [save] }]
  const runner = createScriptedTeam(teamOf(), { ...plain, later: ownTime().after, sources, approvals })
  const { words, text } = await told(runner, ask('a note'))
  expect(asked).toMatchObject([{ tool: { name: 'save' }, args: { title: 'About a note' } }])
  expect(words).toContain('save waiting')
  expect(text).toContain('Answer `/approve A1` to let it run')
  expect(words.at(-1)).toContain('"message":"save waits for an approval"')
})
