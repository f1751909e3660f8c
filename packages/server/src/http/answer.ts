import type { Context } from 'hono'
import type { Log } from '../sessions/observe.ts'
import { type Dialect, type Reply, replyTo, type Words } from './dialect.ts'
import type { Visit } from './visit.ts'

export type Ask = Context<{ Bindings: Visit }>

/** Any page may read our answers: what it may ask is decided by its credential and origin. Cookies never count. */
export const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'Retry-After, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-RateLimit-Window',
}

/** An answer of an API, for nobody to keep. */
export function write({ status, headers, body }: Reply): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...CORS, 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
  })
}

/** `answer` as a route that never throws: what it throws is answered in the dialect, and logged where it is our fault. */
export function guarded(
  dialect: Dialect,
  log: Log,
  answer: (ask: Ask) => Promise<Response>,
  words?: Words,
): (ask: Ask) => Promise<Response> {
  return async ask => {
    try {
      return await answer(ask)
    } catch (error) {
      return write(reportedReply(error, dialect, log, ask, words))
    }
  }
}

/** `replyTo`, which also logs what is our fault. */
export function reportedReply<Body extends object>(
  error: unknown,
  dialect: Dialect<Body>,
  log: Log,
  ask: Ask,
  words?: Words,
): Reply<Body> {
  const reply = replyTo(error, dialect, words)
  if (reply.status === 500) log.error({ id: ask.env.id, err: error }, 'request failed')
  return reply
}
