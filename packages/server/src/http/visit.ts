import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Hono } from 'hono'
import { type Judgement, judge, type TrustSettings } from '../sessions/trust.ts'

/** What every route knows of a request besides the request itself. */
export interface Visit extends Judgement {
  /** Names the request in the log and in the answer's `X-Request-Id`. */
  readonly id: string
  readonly headers: IncomingHttpHeaders
}

export type App = Hono<{ Bindings: Visit }>

export function visitOf(request: IncomingMessage, id: string, trust: TrustSettings): Visit {
  const { headers, socket } = request
  const judgement = judge({ headers, peer: socket.remoteAddress ?? '', secure: 'encrypted' in socket }, trust)
  return { ...judgement, id, headers }
}
