import { ERRORS } from '@parley/protocol/errors'

/** What is wrong where the server didn't say it. Codes of the server are in docs/protocols/rooms.md. */
export type ClientCode =
  /** The credentials are not taken. Final. */
  | 'UNAUTHENTICATED'
  /** The server could not be reached, or refused the connection. */
  | 'UNREACHABLE'
  /** No answer in time. Whether it was done is unknown. */
  | 'TIMEOUT'
  /** `close()` was called, or the connection ended for good. */
  | 'CLOSED'
  /** The caller's signal aborted. */
  | 'ABORTED'
  /** Too much waits to be sent already. */
  | 'OUTBOX_FULL'
  /** A reader of events is too far behind. */
  | 'TOO_SLOW'
  /** The assistant gave no answer. */
  | 'NO_ANSWER'
  /** The new token is of another user than the first. Final. */
  | 'ANOTHER_USER'
  /** The storage threw. */
  | 'STORAGE'
  /** The answer makes no sense. */
  | 'MALFORMED'

const OWN_RETRYABLE: readonly string[] = ['UNREACHABLE', 'TIMEOUT', 'RATE_LIMIT', 'OUTBOX_FULL'] satisfies (
  | ClientCode
  | 'RATE_LIMIT'
)[]

/** Everything a ChatClient rejects with. */
export class ChatError extends Error {
  override name = 'ChatError'
  /** Stable: a `ClientCode` or a code of the server. */
  readonly code: string
  /** Whether the same may succeed later without a change. */
  readonly retryable: boolean
  /** How long to wait before that, in seconds, where the server said so. */
  readonly retryAfter: number | undefined

  constructor(code: ClientCode | (string & {}), message: string, options: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options)
    this.code = code
    this.retryable = isRetryable(code)
    this.retryAfter = options.retryAfter
  }

  /** `retryAfter` in milliseconds. @internal */
  get wait(): number | undefined {
    return this.retryAfter === undefined ? undefined : this.retryAfter * 1_000
  }
}

function isRetryable(code: string): boolean {
  const kinds: Readonly<Record<string, { readonly retryable: boolean }>> = ERRORS
  return OWN_RETRYABLE.includes(code) || (kinds[code.toLowerCase()]?.retryable ?? false)
}

/** `thrown` as a ChatError, with `code` where it is none. */
export function asChatError(thrown: unknown, code: ClientCode): ChatError {
  if (thrown instanceof ChatError) return thrown
  return new ChatError(code, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
}
