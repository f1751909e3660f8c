import type { OutboundFailure } from '../core/ports/outbound.ts'

/** Ends a call from inside. Never leaves the guard. */
export class Failed extends Error {
  readonly failure: OutboundFailure

  constructor(failure: OutboundFailure) {
    super(failure)
    this.failure = failure
  }
}

const BY_CODE: Readonly<Record<string, OutboundFailure>> = {
  ENOTFOUND: 'name_unknown',
  EAI_AGAIN: 'name_unknown',
  ENODATA: 'name_unknown',
  EAI_NODATA: 'name_unknown',
  ETIMEDOUT: 'timed_out',
  TimeoutError: 'timed_out', // of AbortSignal.timeout
  UND_ERR_CONNECT_TIMEOUT: 'timed_out',
  UND_ERR_HEADERS_OVERFLOW: 'answer_too_large',
  UND_ERR_SOCKET: 'answer_broken',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'answer_broken',
  ECONNRESET: 'answer_broken',
  EPIPE: 'answer_broken',
  UND_ERR_DESTROYED: 'cancelled',
  UND_ERR_CLOSED: 'cancelled',
}

const TLS = /^ERR_(TLS|SSL)|CERT|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA/
const HTTP = /^HPE_|^HTTPParserError$/

/** What went wrong, and how the library calls it: for logs, never for the people whose URL it was. */
export function failureOf(error: unknown): { readonly failure: OutboundFailure; readonly detail: string } {
  if (error instanceof Failed) return { failure: error.failure, detail: error.failure }
  const detail = codeOf(error)
  if (TLS.test(detail)) return { failure: 'tls_failed', detail }
  if (HTTP.test(detail)) return { failure: 'answer_broken', detail }
  return { failure: BY_CODE[detail] ?? 'unreachable', detail }
}

/** The code of an error, else its name. Messages may quote what the other side sent. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
