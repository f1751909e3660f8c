import { z } from 'zod'
import type { Actor } from '../core/user.ts'
import type { Log } from '../sessions/observe.ts'
import { type Ask, CORS, guarded, write } from './answer.ts'
import { readJson } from './body.ts'
import { type Bytes, sendBytes } from './bytes.ts'
import { caller, nobody } from './caller.ts'
import { type Dialect, replyTo } from './dialect.ts'
import type { Call, Endpoint, Site } from './endpoint.ts'
import { Fault, Invalid, type Issue, type Part } from './faults.ts'
import { issuesOf } from './issues.ts'
import type { App } from './visit.ts'

/** Counts a request of a user, or of an address. Answers headers that tell of the count; throws too_many_requests. */
export type Meter = (actor: Actor | undefined, address: string) => Readonly<Record<string, string>>

/** How a table of endpoints is served. */
export interface Serving {
  readonly dialect: Dialect
  readonly site: Site
  readonly log: Log
  readonly meter?: Meter | undefined
  /** Another path at which the endpoint of a path is served; undefined for none. */
  readonly alsoAt?: (path: string) => string | undefined
}

/** Serves a table of endpoints. */
export function route(app: App, endpoints: readonly Endpoint[], serving: Serving): void {
  const { dialect, log, alsoAt } = serving
  for (const row of endpoints.toSorted(bySpecificity)) {
    const paths = [row.path, alsoAt?.(row.path)].flatMap(path => (path === undefined ? [] : pattern(path)))
    app.on([row.method], paths, guarded(dialect, log, server(row, serving), row.words))
  }
}

/** To be called after the last route: other methods on known paths answer 405, preflights of any origin are let pass. */
export function routeTheRest(app: App, dialectOf: (path: string) => Dialect): void {
  for (const [path, routes] of Map.groupBy(app.routes, ({ path }) => path)) {
    const methods = routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    const allowed = [...new Set(methods)].join(', ')
    app.options(path, () => preflight(allowed))
    const fault = new Fault('method_unknown', { headers: { Allow: allowed } })
    app.all(path, () => write(replyTo(fault, dialectOf(path))))
  }
}

const pattern = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

/** Fixed segments before parameters, so that `/users/me` is nobody's name. */
function bySpecificity(one: Endpoint, other: Endpoint): number {
  const rank = ({ path }: Endpoint) => path.replaceAll(/\{\w+\}/g, '\uffff')
  return rank(one) < rank(other) ? -1 : 1
}

function preflight(allowed: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...CORS,
      Allow: `${allowed}, OPTIONS`,
      'Access-Control-Allow-Methods': allowed,
      'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-API-Key',
      'Access-Control-Max-Age': '7200',
    },
  })
}

function server(row: Endpoint, { dialect, site, meter }: Serving): (ask: Ask) => Promise<Response> {
  const understand = reader(row)
  const none = {}
  return async ask => {
    const { env } = ask
    const asks = async () => (hasLink(row, ask) ? nobody(env) : caller(site.core, dialect, env, row.auth))
    const asking = await asks().catch(error => {
      // Who is refused for a wrong credential has asked too.
      meter?.(undefined, env.address)
      throw error
    })
    const headers = meter?.(asking, env.address) ?? none
    const understood = await understand(ask)
    // A body may take a minute to come, and whoever sends it may have lost their rights meanwhile.
    const actor = row.body && asking.kind === 'user' ? await caller(site.core, dialect, env, row.auth) : asking
    const answer = await row.run({ site, core: site.core, actor, ...understood })
    if (isBytes(row.answer, answer)) return sendBytes(answer, ask.req.raw, headers)
    if (row.answer === null) return new Response(null, { status: row.status, headers: { ...CORS, ...headers } })
    return write({ status: row.status, headers, body: answer as object }) // answer schemas are of objects and lists
  }
}

/** Whether a request comes with a link's token, which is a credential of its own whatever page it comes from. */
const hasLink = ({ auth }: Endpoint, { req }: Ask): boolean => auth === 'link' && req.query('token') !== undefined

// What `run` of such a row answers; the table is untyped where it is served.
const isBytes = (said: Endpoint['answer'], _answer: unknown): _answer is Bytes => said === 'bytes'

type Understood = Pick<Call, 'params' | 'query' | 'body'>

/** Reads the parts of a request by the endpoint's schemas; throws Invalid with everything that is wrong in all of them. */
function reader(row: Endpoint): (ask: Ask) => Promise<Understood> {
  const params = row.params && z.compile(row.params)
  const query = row.query && z.compile(row.query)
  const body = row.body && z.compile(row.body)
  return async ({ req }) => {
    const issues: Issue[] = []
    const read = (part: Part, schema: z.ZodType | undefined, value: unknown) => {
      const result = schema?.safeParse(value, { reportInput: true })
      if (result?.success === false) issues.push(...issuesOf(part, result.error))
      return result?.data
    }
    const understood = {
      params: read('path', params, req.param()),
      query: read('query', query, Object.fromEntries(new URL(req.url).searchParams)),
      body: read('body', body, body && (await readJson(req.raw))),
    }
    if (issues.length > 0) throw new Invalid(issues)
    return understood
  }
}
