import { type AssistantHealth, assistantHealth, statistics, tools } from '@parley/protocol/assistant/endpoints'
import type { Core } from '../../core/core.ts'
import type { Log } from '../../sessions/observe.ts'
import { guarded, write } from '../answer.ts'
import { caller } from '../caller.ts'
import type { Described, Family, OpenSockets } from '../endpoint.ts'
import { show } from '../page.ts'
import type { App } from '../visit.ts'
import { assistant } from './dialect.ts'
import { type AssistantState, statisticsOf } from './statistics.ts'
import { chatPage } from './ui.ts'

/** Where these endpoints are, and where clients that came later look for them, with the endpoint that each speaks to. */
const PREFIXES = { '/bedrock-chat': '/bedrock-chat/ws', '/chat': '/chat/ws' } as const

const described = { method: 'GET', auth: 'none', status: 200 } as const

/** What the server tells of the assistant, for the document. The same is under `/chat`. */
export const assistantFamily: Family<Described> = {
  name: 'Assistant',
  endpoints: [
    {
      ...described,
      path: '/bedrock-chat/health',
      summary: 'Whether the assistant works; 503 where it does not',
      answer: assistantHealth,
    },
    { ...described, path: '/bedrock-chat/stats', summary: 'Connections and questions so far', answer: statistics },
    { ...described, path: '/bedrock-chat/tools', summary: 'Tools that the assistant may use', answer: tools },
  ],
}

export interface AssistantDependencies {
  readonly core: Core
  readonly sockets: OpenSockets
  readonly assistant: AssistantState
  health(): Promise<{ readonly healthy: boolean }>
}

/** To be called before the last routes. */
export function routeAssistant(app: App, dependencies: AssistantDependencies, log: Log): void {
  const { core, sockets, assistant: state } = dependencies
  const now = () => core.context.clock.now()
  const get = (path: string, answer: () => Promise<{ status?: number; body: object }>) =>
    app.get(
      path,
      guarded(assistant, log, async ({ env }) => {
        await caller(core, assistant, env, 'none')
        const { status = 200, body } = await answer()
        return write({ status, headers: {}, body })
      }),
    )
  for (const [prefix, socket] of Object.entries(PREFIXES)) {
    get(`${prefix}/health`, async () => {
      if (!(await dependencies.health()).healthy)
        return { status: 503, body: { status: 'unhealthy', error: 'The store does not answer' } }
      return { body: healthOf(dependencies, now()) }
    })
    get(`${prefix}/stats`, async () => ({ body: statisticsOf(state, sockets, now()) }))
    get(`${prefix}/tools`, async () => ({ body: state.tools() }))
    app.get(`${prefix}/ui`, () => show(chatPage(state, socket)))
  }
}

function healthOf({ assistant: state, sockets }: AssistantDependencies, now: number): AssistantHealth {
  return {
    status: 'healthy',
    bedrock: { status: 'healthy', model: state.model, region: null },
    statistics: statisticsOf(state, sockets, now),
    config: { model_id: state.model, region: null, ui_enabled: true, max_sessions: state.maxSessions },
  }
}
