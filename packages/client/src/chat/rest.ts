import type { Clock } from '../clock.ts'
import { type ErrorResponse, TimeoutError, ValueError } from '../errors.ts'
import { createHttp, type HttpRequest } from '../http.ts'
import { ChatError } from './errors.ts'

export interface RestOptions {
  readonly baseUrl: string
  readonly timeout: number
  readonly clock: Clock
  /** Aborts every request. */
  readonly signal: AbortSignal
}

export type Headers = Readonly<Record<string, string>>

/** Sends a request and resolves with the body of a 2xx answer. Rejects with ChatError. */
export type Rest = (headers: Headers, request: HttpRequest) => Promise<unknown>

export function createRest(options: RestOptions): Rest {
  return async (headers, request) => {
    const response = await createHttp({ ...options, headers })(request).catch(unanswered)
    if (response.status >= 300) throw refusalOf(response)
    return response.body
  }
}

function unanswered(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error)
  const code = error instanceof TimeoutError ? 'TIMEOUT' : error instanceof ValueError ? 'INVALID' : 'UNREACHABLE'
  throw new ChatError(code, text, { cause: error })
}

const CODES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'INVALID',
  429: 'RATE_LIMIT',
  503: 'BUSY',
  507: 'STORAGE_INSUFFICIENT',
}

/** The body of every refusal is `{error: {message, retry_after?}}`; a proxy's may be anything. */
function refusalOf({ status, body }: ErrorResponse): ChatError {
  const { error } = Object(body) as { error?: { message?: unknown; retry_after?: unknown } } // checked below
  const text = typeof error?.message === 'string' ? error.message : `The server answered with status ${status}`
  const code = CODES[status] ?? (status >= 500 ? 'UNREACHABLE' : 'INVALID')
  return new ChatError(code, text, typeof error?.retry_after === 'number' ? { retryAfter: error.retry_after } : {})
}
