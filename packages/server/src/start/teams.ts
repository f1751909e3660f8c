import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import type { Team } from '../agents/teams/team.ts'
import { readTeam } from '../agents/teams/team-file.ts'
import { ensureAgent } from '../agents/voices.ts'
import type { Settings } from '../config.ts'
import type { Core } from '../core/core.ts'
import type { ArtefactKinds } from '../core/ports/artefact-kinds.ts'
import type { TeamInfo } from '../core/ports/teams.ts'
import type { User } from '../core/user.ts'
import type { Log } from '../sessions/observe.ts'
import { OperatorFault } from '../system/fault.ts'
import { readArtefactKinds, TEAMS } from './artefact-kinds.ts'

/** What a team is, in its folder, which has the team's name. */
const FILES = '*/team.{yaml,yml,json}'

export interface OpenedTeams {
  /** The standard one first. */
  readonly teams: readonly [Team, ...Team[]]
  readonly kinds: ArtefactKinds
}

/** The teams that come with Parley and those of the operator, which take the place of others with their names. Throws OperatorFault. */
export function openTeams({ TEAMS_DIR: own, TEAM_DEFAULT: standard }: Settings): OpenedTeams {
  const folders = [TEAMS, ...(own === null ? [] : [resolve(own)])]
  const teams = new Map(folders.flatMap(readTeams).map(team => [team.name, team]))
  const kinds = new Map(folders.flatMap(folder => readArtefactKinds(folder).teams).map(one => [one.team, one]))
  const first = teams.get(standard)
  if (!first) throw new OperatorFault(`TEAM_DEFAULT is ${standard}; there are ${[...teams.keys()].join(', ')}.`)
  const others = [...teams.values()].filter(team => team !== first)
  return { teams: [first, ...others], kinds: { teams: [...kinds.values()] } }
}

function readTeams(folder: string): readonly Team[] {
  return globSync(FILES, { cwd: folder })
    .toSorted()
    .map(file => teamIn(join(folder, file)))
}

function teamIn(path: string): Team {
  const read = readTeam(contentOf(path))
  const mistakes = read.state === 'wrong' ? read.mistakes : []
  if (read.state === 'wrong') throw new OperatorFault(`The team in ${path} can't be used:\n${mistakes.join('\n')}`)
  if (read.team.name !== basename(dirname(path)))
    throw new OperatorFault(`The team in ${path} is called ${read.team.name}; its folder has to have that name.`)
  return read.team
}

function contentOf(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 })
  } catch (error) {
    throw new OperatorFault(`${path} can't be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** The user that a team speaks as. Where a person has its name it is called otherwise, which the log says. */
export async function voiceOf(core: Core, { name }: Team, log: Log): Promise<User> {
  for (const candidate of [name, `${name}_team`, `${name}_agents`]) {
    const user = await ensureAgent(core, candidate).catch(() => undefined)
    if (!user) continue
    if (candidate !== name) log.warn({}, `the name ${name} belongs to a person; the team answers as ${candidate}`)
    return user
  }
  throw new OperatorFault(`The name ${name} belongs to a person, and so do ${name}_team and ${name}_agents.`)
}

/** What clients are told of a team. */
export const teamInfo = ({ title, agents, entry }: Team, { name }: User): TeamInfo => ({
  name,
  title,
  agents: [entry, ...[...agents.values()].filter(agent => agent !== entry)].map(
    ({ key, name: shown, description, tools }) => ({ key, name: shown, description, tools }),
  ),
})
