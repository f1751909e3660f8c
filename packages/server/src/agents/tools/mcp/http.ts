import type { StreamableHTTPClientTransport, Transport } from '@modelcontextprotocol/client'
import type { GuardedFetch } from '../../../core/ports/outbound.ts'
import type { Later } from '../../../core/runs/cast.ts'
import type { Way } from './settings.ts'

/** How soon, and how late, a server that ended its stream is asked for the rest of it; in milliseconds. */
const RESUME_MIN = 1_000
const RESUME_MAX = 60_000

export interface HttpPorts {
  readonly fetch: GuardedFetch
  readonly later: Later
  /** For one request, in milliseconds. */
  readonly timeLimit: number
}

/** A server that is reached over HTTP. */
export function httpTransport(
  Streamable: typeof StreamableHTTPClientTransport,
  { url, headers }: Way & { readonly by: 'http' },
  { fetch, later, timeLimit }: HttpPorts,
): Transport {
  const resuming = { initialReconnectionDelay: RESUME_MIN, maxReconnectionDelay: RESUME_MAX }
  const transport = new Streamable(new URL(url), {
    requestInit: { headers: { ...headers } },
    fetch: (address, init) => fetch(address, limited(init, later, timeLimit)),
    reconnectionOptions: { ...resuming, reconnectionDelayGrowFactor: 2, maxRetries: 5 },
    // The server says how long to wait: at once, for ever, anything.
    reconnectionScheduler: (resume, delay) => later(Math.min(Math.max(delay, RESUME_MIN), RESUME_MAX), resume),
  })
  return transport as Transport // its optional parts are undefined where they are not there
}

/**
 * A request of the older protocol is not ended by the library when its time is over. Of the newer one it is, and there some
 * requests are answered for as long as both sides live.
 */
function limited(init: RequestInit = {}, later: Later, timeLimit: number): RequestInit {
  if (init.method !== 'POST' || new Headers(init.headers).has('mcp-method')) return init
  const end = new AbortController()
  later(timeLimit, () => end.abort())
  return { ...init, signal: init.signal ? AbortSignal.any([init.signal, end.signal]) : end.signal }
}
