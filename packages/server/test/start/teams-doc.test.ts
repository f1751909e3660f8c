import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createScriptedTeam } from '../../src/agents/teams/scripted.ts'
import { loadSettings } from '../../src/config.ts'
import { openTeams } from '../../src/start/teams.ts'
import { ask } from '../agents/question.ts'
import { told } from '../agents/teams/teams.ts'
import { plain, tool } from '../agents/tools.ts'
import { ownTime } from '../outbound/time.ts'

const page = readFileSync(new URL('../../../../docs/teams.md', import.meta.url), 'utf8')
const example = (fence: string): string => new RegExp(`\`\`\`${fence}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? ''

test('[TEAM-30] the team of docs/teams.md is one, with what it saves, and answers without a model', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-teams-'))
  try {
    mkdirSync(join(folder, 'trips'))
    writeFileSync(join(folder, 'trips', 'team.yaml'), example('yaml team'))
    writeFileSync(join(folder, 'trips', 'artefacts.json'), example('json kinds'))
    const { teams, kinds } = openTeams(loadSettings({ TEAMS_DIR: folder, TEAM_DEFAULT: 'trips' }).settings)
    const [team] = teams
    expect([team.name, teams.map(({ name }) => name)]).toEqual(['trips', ['trips', 'books', 'helpdesk']])
    const made = kinds.teams.find(one => one.team === 'trips')?.kinds
    expect(made?.map(({ saveTool }) => saveTool)).toEqual([...team.agents.values()].flatMap(({ tools }) => tools))
    const save = tool('save_plan', { run: async () => ({ plan_id: 'p-1' }) })
    const runner = createScriptedTeam(team, {
      ...plain,
      later: ownTime().after,
      sources: [{ toolsFor: async () => [save] }],
    })
    const { words, text } = await told(runner, ask('a weekend trip to Oslo'))
    expect(text).toContain('Tell me a place')
    expect(words.at(-1)).toContain('"message":"Plan saved"')
    expect(words.at(-1)).toContain('"agents_used":["Host","Planner"]')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
