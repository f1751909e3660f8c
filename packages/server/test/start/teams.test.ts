import { expect, test } from 'vitest'
import { fillAll } from '../../src/agents/teams/fill.ts'
import { artefactTools } from '../../src/agents/tools/artefacts.ts'
import { checkArguments } from '../../src/agents/tools/schema.ts'
import { readSettings } from '../../src/config.ts'
import { openTeams } from '../../src/start/teams.ts'
import { ask } from '../agents/question.ts'

test('[TEAM-29] what the teams that come with Parley save without a model fits their kinds', async () => {
  const { teams, kinds } = openTeams(readSettings({}))
  expect(teams.map(({ name }) => name)).toEqual(['books', 'helpdesk'])
  for (const { name, agents } of teams) {
    const source = artefactTools(kinds.teams.find(({ team }) => team === name)!, () => Promise.reject(new Error()))
    const tools = await source.toolsFor(ask(''))
    const uses = [...agents.values()].flatMap(({ script }) => script.uses ?? [])
    expect(uses, name).not.toEqual([])
    for (const { tool, arguments: args } of uses) {
      const { parameters } = tools.find(one => one.name === tool)!
      expect(checkArguments(fillAll(args, 'Tell me about a “lighthouse”'), parameters), tool).toMatchObject({
        state: 'fit',
      })
    }
  }
})
