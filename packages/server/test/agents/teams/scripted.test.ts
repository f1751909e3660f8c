import { expect, test } from 'vitest'
import { createScriptedTeam } from '../../../src/agents/teams/scripted.ts'
import type { Tool } from '../../../src/agents/tools/tool.ts'
import { ownTime } from '../../outbound/time.ts'
import { ask } from '../question.ts'
import { plain, tool } from '../tools.ts'
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

test('[TEAM-23] a tool that is not there, or fails, is shown as failed, and the answer goes on', async () => {
  expect((await told(team(), ask('a note'))).words).toContain('save failed')
})
