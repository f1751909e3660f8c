import dns from 'node:dns'
import type { IncomingHttpHeaders } from 'node:http'
import { Agent, type Dispatcher, request } from 'undici'
import type { OutboundFailure, OutboundPolicy } from '../core/ports/outbound.ts'
import { type After, after as realAfter } from './after.ts'
import type { Allowed } from './allowed.ts'
import { dialer, type Lookup } from './dialer.ts'
import { Failed, failureOf } from './failures.ts'
import { createPolicy, type DialPolicy } from './policy.ts'
import { redirection } from './redirects.ts'

/** Largest head of an answer, in bytes. */
const HEAD_MAX = 16 * 1024
/** How much of an unwanted body is read away to keep its connection; past that the connection is closed. */
const UNWANTED_MAX = 16 * 1024

export interface GuardSettings {
  readonly allowed: Allowed
  /** Resolves names. The system's resolver unless a test brings its own. */
  readonly lookup?: Lookup
  readonly after?: After
}

export interface OutboundCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** For everything together: resolving, connecting, redirects, head and body. In milliseconds. */
  readonly timeout: number
  /** Most bytes of the answer's body; a longer one fails. With 0 the answer is there once its head is; a body is thrown away. */
  readonly bodyMax: number
  /** How many redirects of a GET or HEAD are followed; none unless given. Other methods never follow. */
  readonly redirectsMax?: number
  readonly signal?: AbortSignal
}

export type OutboundAnswer =
  | {
      readonly state: 'answered'
      readonly status: number
      readonly headers: IncomingHttpHeaders
      readonly body: Uint8Array
    }
  | { readonly state: 'failed'; readonly failure: OutboundFailure; readonly detail: string }

/**
 * The only way out of the server over HTTP, for addresses that users gave us.
 *
 * - Only http and https; no credentials in URLs; no proxy, whatever the environment says.
 * - Every address is judged when it is dialled, and what was judged is what is connected to: a name that changes its
 *   address in between leads nowhere else. A name is refused when any of its addresses is.
 * - A redirect is followed only where the caller asks for it, and judged like a first URL. Headers of the caller
 *   stay with the origin they were meant for.
 * - Time, head and body are bounded. Bodies come as sent; nothing is decompressed.
 */
export interface Guard extends OutboundPolicy {
  /** Never rejects. */
  call(call: OutboundCall): Promise<OutboundAnswer>
  /** Ends open calls and connections. */
  close(): Promise<void>
}

export function createGuard({ allowed, lookup = dns.lookup, after = realAfter }: GuardSettings): Guard {
  const policy = createPolicy(allowed)
  const agent = new Agent({
    connect: dialer(policy, lookup),
    maxHeaderSize: HEAD_MAX,
    pipelining: 1,
    allowH2: false,
    // The limit of the call covers both, to the millisecond.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    mayCall: policy.mayCall,
    call: async call => {
      const limit = limitOf(call, after)
      try {
        return await follow(call, hop => exchange(agent, policy, hop, limit))
      } catch (error) {
        return { state: 'failed', ...failureOf(error) }
      } finally {
        limit.lift()
      }
    },
    close: () => agent.destroy(),
  }
}

interface Limit {
  readonly signal: AbortSignal
  /** Rejects when the signal aborts. Undici heeds a signal only once it has a connection. */
  readonly passed: Promise<never>
  lift(): void
}

function limitOf({ timeout, signal }: OutboundCall, after: After): Limit {
  const end = new AbortController()
  const passed = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason), { once: true })
  })
  passed.catch(() => {}) // whoever races it hears of it; nobody else needs to
  const cancel = () => end.abort(new Failed('cancelled'))
  const disarm = after(timeout, () => end.abort(new Failed('timed_out')))
  if (signal?.aborted) cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  return {
    signal: end.signal,
    passed,
    lift() {
      disarm()
      signal?.removeEventListener('abort', cancel)
    },
  }
}

async function follow(
  call: OutboundCall,
  exchange: (hop: OutboundCall) => Promise<OutboundAnswer>,
): Promise<OutboundAnswer> {
  const most = call.method === 'GET' || call.method === 'HEAD' ? (call.redirectsMax ?? 0) : 0
  let hop = call
  for (let followed = 0; ; followed++) {
    const answer = await exchange(hop)
    const next = most > 0 ? redirection(hop, answer) : undefined
    if (!next) return answer
    if (followed === most) throw new Failed('redirected_too_often')
    hop = next
  }
}

async function exchange(agent: Agent, policy: DialPolicy, call: OutboundCall, limit: Limit): Promise<OutboundAnswer> {
  const { method, url, headers = {}, body = null, bodyMax } = call
  limit.signal.throwIfAborted()
  const fault = policy.fault(url)
  if (fault) throw new Failed(fault)
  const sent = request(url, { dispatcher: agent, method, headers, body, signal: limit.signal })
  const answer = await Promise.race([sent, limit.passed])
  return {
    state: 'answered',
    status: answer.statusCode,
    headers: answer.headers,
    body: bodyMax > 0 ? await read(answer.body, bodyMax) : await discard(answer.body, limit.signal),
  }
}

async function read(body: Dispatcher.ResponseData['body'], max: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    // no encoding is set, so chunks are bytes
    size += chunk.length
    if (size > max) throw new Failed('answer_too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

// The status is known, so what goes wrong with the rest is of no interest.
async function discard(body: Dispatcher.ResponseData['body'], signal: AbortSignal): Promise<Uint8Array> {
  await body.dump({ limit: UNWANTED_MAX, signal }).catch(() => {})
  return new Uint8Array()
}
