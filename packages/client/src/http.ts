import type { Clock } from './clock.ts'
import { type ErrorResponse, NetworkError, TimeoutError, ValueError } from './errors.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** The parts between the slashes, unescaped. */
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** How a 2xx answer is given: what its JSON says, or as it comes, with its type. Default: `json`. */
  readonly answer?: 'json' | 'blob' | undefined
}

export interface HttpOptions {
  /** `http:` or `https:`, without a slash at the end. */
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** Longest wait for the whole answer, in milliseconds. */
  readonly timeout: number
  readonly clock: Clock
  /** Aborts every request. */
  readonly signal: AbortSignal | undefined
}

/**
 * Sends a request and resolves with the answer, whatever its status. Rejects with NetworkError or TimeoutError, and with
 * ValueError for a path that would lead elsewhere.
 */
export type Http = (request: HttpRequest) => Promise<ErrorResponse>

export function createHttp({ baseUrl, headers, timeout, clock, signal }: HttpOptions): Http {
  return async ({ method, path, query, body, answer }) => {
    const url = `${baseUrl}/${path.map(segment).join('/')}${queryText(query)}`
    const overdue = new AbortController()
    const cancel = clock.after(timeout, () => overdue.abort())
    try {
      const response = await fetch(url, {
        method,
        headers: { ...headers, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: signal ? AbortSignal.any([signal, overdue.signal]) : overdue.signal,
        // The headers carry a key: it goes to the server it was meant for, and to no other.
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store',
      })
      const isBlob = answer === 'blob' && response.ok
      const said = isBlob ? await response.blob() : decoded(await response.text())
      return { status: response.status, headers: response.headers, body: said }
    } catch (error) {
      if (overdue.signal.aborted) throw new TimeoutError(`No answer within ${timeout} ms`)
      throw new NetworkError(`Failed to connect: ${detail(error)}`, undefined, { cause: error })
    } finally {
      cancel()
    }
  }
}

/** Escaping doesn't help these: an empty part and dots name another path. */
function segment(part: string): string {
  if (part === '' || part === '.' || part === '..') throw new ValueError(`'${part}' is no id`)
  return encodeURIComponent(part)
}

function queryText(query: HttpRequest['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What went wrong, in the words of the layer that knows: `fetch` itself only says that it failed. */
function detail(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || ('code' in cause ? String(cause.code) : error.message)
}
