import { health } from '@parley/protocol/token-bowl/health'
import { z } from 'zod'
import type { Core } from '../core/core.ts'
import type { Log } from '../sessions/observe.ts'
import { guarded, write } from './answer.ts'
import { caller } from './caller.ts'
import type { Described, Family } from './endpoint.ts'
import { tokenBowl } from './token-bowl/dialect.ts'
import type { App } from './visit.ts'

/** What the server tells of itself, whatever the protocol. */
export interface Operations {
  health(): Promise<{ readonly healthy: boolean; readonly body: object }>
  metrics(): Promise<{ readonly contentType: string; readonly body: string }>
  /** Lets anybody read the metrics; otherwise local requests and admins may. */
  readonly metricsPublic: boolean
  /** What receivers of webhooks check signatures with. */
  readonly webhookKey: object
}

const described = { method: 'GET', auth: 'none', status: 200 } as const

/** The server's own endpoints, for the document. */
export const serverFamily: Family<Described> = {
  name: 'Server',
  endpoints: [
    { ...described, path: '/health', summary: 'Whether the server works; 503 where it does not', answer: health },
    {
      ...described,
      path: '/webhooks/public-key',
      summary: 'The key that proves the signature of a webhook delivery',
      answer: z.looseObject({}),
    },
  ],
}

export function routeOperations(app: App, core: Core, operations: Operations, log: Log): void {
  const get = (path: string, answer: () => Promise<Response>) =>
    app.get(
      path,
      guarded(tokenBowl, log, async ask => {
        await caller(core, tokenBowl, ask.env, 'none')
        return answer()
      }),
    )
  get('/health', async () => {
    const { healthy, body } = await operations.health()
    return write({ status: healthy ? 200 : 503, headers: {}, body })
  })
  get('/webhooks/public-key', async () => write({ status: 200, headers: {}, body: operations.webhookKey }))
  app.get(
    '/metrics',
    guarded(tokenBowl, log, async ({ env }) => {
      await caller(core, tokenBowl, env, operations.metricsPublic || env.local ? 'none' : 'admin')
      const { contentType, body } = await operations.metrics()
      return new Response(body, { headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' } })
    }),
  )
}
