import {
  agents as agentList,
  currentModel,
  modelShown,
  modelSwitched,
  models,
  sessionShown,
  sessions,
  teamQuery,
} from '@parley/protocol/agents/endpoints'
import { endpoint, type Family } from '../endpoint.ts'
import { Fault } from '../faults.ts'
import { modelEndpoints } from './models.ts'
import { sessionEndpoints } from './sessions.ts'

const agentEndpoints = [
  endpoint({
    method: 'GET',
    path: '/agents',
    summary: 'The agents of a team; of the one that answers where none is named',
    auth: 'guest',
    query: teamQuery,
    status: 200,
    answer: agentList,
    refuses: ['team_unknown'],
    run: ({ site: { agents }, query: { team } }) => {
      const found = agents.teams.find(({ name }) => team === undefined || name === team)
      if (!found) throw new Fault('team_unknown')
      const shown = found.agents.map(({ name, description, tools }) => ({
        name,
        description,
        capabilities: tools.length > 0 ? ['chat', 'tools'] : ['chat'],
        tools: [...tools],
        status: 'available' as const,
      }))
      return { agents: shown, total: shown.length }
    },
  }),
]

/** Every endpoint of the agents protocol. */
export const families: readonly Family[] = [
  { name: 'Teams of agents', endpoints: [...agentEndpoints, ...modelEndpoints, ...sessionEndpoints] },
]

/** Clients of this family look for sessions in both places. */
export const alsoAt = (path: string): string | undefined => (path.startsWith('/sessions') ? `/api${path}` : undefined)

/** Parts come before what they are part of. */
export const schemas = {
  Model: modelShown,
  Models: models,
  CurrentModel: currentModel,
  ModelSwitched: modelSwitched,
  Agents: agentList,
  Session: sessionShown,
  Sessions: sessions,
}
