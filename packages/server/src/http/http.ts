import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { PATHS } from '@parley/protocol/assistant/limits'
import { Hono } from 'hono'
import type { Rate } from '../core/window.ts'
import { roomsView } from '../protocols/rooms/view.ts'
import { tokenBowlView } from '../protocols/token-bowl/view.ts'
import type { Log } from '../sessions/observe.ts'
import type { TrustSettings } from '../sessions/trust.ts'
import * as agentsApi from './agents/api.ts'
import { agents } from './agents/dialect.ts'
import { teamPage, UI } from './agents/ui.ts'
import { guarded, write } from './answer.ts'
import { type AssistantDependencies, assistantFamily, routeAssistant } from './assistant/routes.ts'
import { caller } from './caller.ts'
import { type Dialect, replyTo } from './dialect.ts'
import { docs } from './docs.ts'
import type { Endpoint, Family, Site } from './endpoint.ts'
import { routeEntry } from './entry.ts'
import { Fault } from './faults.ts'
import { landing } from './landing.ts'
import { openai } from './openai/dialect.ts'
import { PREFIX as OPENAI, openaiFamily, routeOpenAi } from './openai/routes.ts'
import { openApi } from './openapi.ts'
import { type Operations, routeOperations, serverFamily } from './operations.ts'
import { show } from './page.ts'
import * as roomsApi from './rooms/api.ts'
import { rooms } from './rooms/dialect.ts'
import { createMeter } from './rooms/meter.ts'
import { route, routeTheRest } from './routes.ts'
import * as tokenBowlApi from './token-bowl/api.ts'
import { tokenBowl } from './token-bowl/dialect.ts'
import { type App, type Visit, visitOf } from './visit.ts'

const DESCRIPTION =
  'Chat for people, bots and AI agents: the HTTP API of the Token Bowl protocol and, under /api/v1, of the rooms ' +
  'protocol. Accounts and credentials are the same on both. Beside what stands with an endpoint, any request may be answered with 403 (a page of another origin without a credential), 421 (an unknown Host), 429 (too ' +
  'many wrong credentials), 500 or 503 (busy; Retry-After says for how long).'

export interface HttpDependencies extends Site, Operations {
  readonly assistant: AssistantDependencies['assistant']
  readonly trust: TrustSettings
  readonly log: Log
  /** Requests under /api/v1 of each user or address; null for no limit. */
  readonly apiRate: Rate | null
  /** Of the product, for the document. */
  readonly version: string
}

/** Everything Parley answers over HTTP but upgrades. */
export interface Http {
  readonly app: App
  /** For the server's `request` event. */
  readonly listener: RequestListener
}

export function createHttp(dependencies: HttpDependencies): Http {
  const app = createApp(dependencies)
  return { app, listener: listen(app, dependencies) }
}

function createApp(dependencies: HttpDependencies): App {
  const { core, log, version, apiRate } = dependencies
  const app: App = new Hono({ strict: false })
  const document = openApi({
    title: 'Parley',
    version,
    description: DESCRIPTION,
    families: [
      ...tokenBowlApi.families,
      ...roomsApi.families,
      ...agentsApi.families,
      openaiFamily,
      assistantFamily,
      serverFamily,
    ],
    security: tokenBowlApi.security,
    schemas: { ...tokenBowlApi.schemas, ...roomsApi.schemas, ...agentsApi.schemas },
    errors: tokenBowlApi.errors,
  })
  const manual = docs(document)
  for (const path of [...tokenBowlView.paths, ...roomsView.paths, ...PATHS]) {
    const fault = new Fault('upgrade_required', { headers: { Upgrade: 'websocket' } })
    app.get(path, () => write(replyTo(fault, dialectOf(path))))
  }
  app.get('/', () => show(landing))
  app.get(UI, () => show(teamPage(dependencies.agents.teams)))
  app.get('/docs', () => show(manual))
  app.get(
    '/openapi.json',
    guarded(tokenBowl, log, async ({ env }) => {
      await caller(core, tokenBowl, env, 'none')
      return write({ status: 200, headers: {}, body: document })
    }),
  )
  routeOperations(app, core, dependencies, log)
  routeAssistant(app, dependencies, log)
  routeOpenAi(app, dependencies, log)
  routeEntry(app, core, log)
  route(app, endpointsOf(agentsApi.families), { dialect: agents, site: dependencies, log, alsoAt: agentsApi.alsoAt })
  route(app, endpointsOf(tokenBowlApi.families), { dialect: tokenBowl, site: dependencies, log })
  const meter = apiRate ? createMeter(apiRate, core.context.clock) : undefined
  route(app, endpointsOf(roomsApi.families), {
    ...{ dialect: rooms, site: dependencies, log, meter, alsoAt: roomsApi.alsoAt },
  })
  routeTheRest(app, dialectOf)
  app.notFound(({ req }) => write(replyTo(new Fault('path_unknown'), dialectOf(req.path))))
  app.onError((error, { env, req }) => {
    log.error({ id: env.id, err: error }, 'request failed')
    return write(replyTo(error, dialectOf(req.path)))
  })
  return app
}

const endpointsOf = (families: readonly Family[]): readonly Endpoint[] => families.flatMap(family => family.endpoints)

/** The protocol of a path is the one whose errors its clients read. */
const dialectOf = (path: string): Dialect => {
  if (path.startsWith(`${OPENAI}/`)) return openai
  return path.startsWith(`${roomsApi.PREFIX}/`) ? rooms : tokenBowl
}

/** Names, judges and logs every request before the app sees it; an unknown Host goes no further. */
function listen(app: App, { core, trust, log }: HttpDependencies): RequestListener {
  const visits = new WeakMap<object, Visit>()
  const serve = getRequestListener((request, { incoming }) => app.fetch(request, visits.get(incoming)), {
    overrideGlobalObjects: false,
    // What is thrown before a request exists: a target or header that makes no URL.
    errorHandler: () => write(replyTo(new Fault('request_invalid'), tokenBowl)),
  })
  return (incoming, outgoing) => {
    const visit = visitOf(incoming, core.context.ids.uuid(), trust)
    visits.set(incoming, visit)
    outgoing.setHeader('X-Request-Id', visit.id)
    logWhenClosed(log, visit, incoming, outgoing)
    if (visit.host === 'known') return void serve(incoming, outgoing)
    const { status, body } = replyTo(new Fault('host_unknown'), tokenBowl)
    const text = JSON.stringify(body)
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      Connection: 'close',
    }
    outgoing.writeHead(status, headers).end(text)
  }
}

/** One line a request. The query is left out: keys and tokens travel there. */
function logWhenClosed(log: Log, { id, address }: Visit, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const began = performance.now()
  outgoing.once('close', () => {
    const path = (incoming.url ?? '').split('?', 1)[0]?.slice(0, 200)
    const fields = { id, address, method: incoming.method, path, status: outgoing.statusCode }
    const ms = Math.round(performance.now() - began)
    log.info({ ...fields, ms, ...(!outgoing.writableFinished && { aborted: true }) }, 'request')
  })
}
