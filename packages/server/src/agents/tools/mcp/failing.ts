import { CallFailed, type OutboundFailure } from '../../../core/ports/outbound.ts'
import type { Hide } from '../hiding.ts'
import { ToolFailed } from '../tool.ts'
import { plainly } from './words.ts'

/** Longest reason that is passed on, in UTF-16 units. */
const REASON_MAX = 300

/** A server said more at once than is taken. */
export class AnswerTooLarge extends Error {
  constructor() {
    super('the answer is too large')
    this.name = 'AnswerTooLarge'
  }
}

/** Why something with a server went wrong. */
export type Trouble =
  /** The server understood, and said no. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'silent' | 'gone' | 'too_large' | 'nonsense' | 'forbidden' }
  | { readonly kind: 'status'; readonly status: number }

/** What the library threw. It marks its errors by codes; the rest of them is what servers sent. */
export function troubleOf(error: unknown): Trouble {
  const cause = causeOf(error)
  if (cause instanceof AnswerTooLarge) return { kind: 'too_large' }
  if (cause instanceof CallFailed) return { kind: BY_FAILURE[cause.failure] ?? 'gone' }
  const { code, status, message } = marksOf(error)
  if (status !== undefined) return { kind: 'status', status }
  if (typeof code === 'number' && !(error instanceof DOMException)) return { kind: 'refused', reason: message }
  return { kind: BY_CODE[String(code)] ?? 'nonsense' }
}

const BY_FAILURE: Partial<Record<OutboundFailure, 'silent' | 'too_large' | 'nonsense' | 'forbidden'>> = {
  timed_out: 'silent',
  cancelled: 'silent',
  answer_too_large: 'too_large',
  answer_broken: 'nonsense',
  address_refused: 'forbidden',
  url_refused: 'forbidden',
}

const BY_CODE: Readonly<Record<string, 'silent' | 'gone'>> = {
  REQUEST_TIMEOUT: 'silent',
  NOT_CONNECTED: 'gone',
  CONNECTION_CLOSED: 'gone',
  SEND_FAILED: 'gone',
  ENOENT: 'gone',
  EACCES: 'gone',
}

/** The failure of ours inside an error of the library, where there is one. */
function causeOf(error: unknown): unknown {
  let inner = error
  for (let depth = 0; depth < 5 && inner instanceof Error; depth++) {
    if (inner instanceof CallFailed || inner instanceof AnswerTooLarge) return inner
    inner = inner.cause
  }
  return error
}

function marksOf(error: unknown): { code: unknown; status: number | undefined; message: string } {
  if (!(error instanceof Error)) return { code: undefined, status: undefined, message: '' }
  const status = 'status' in error && typeof error.status === 'number' ? error.status : undefined
  return { code: 'code' in error ? error.code : undefined, status, message: error.message }
}

/** What went wrong, in words for the operator and for people. */
export function wordsFor(trouble: Trouble, hide: Hide): string {
  switch (trouble.kind) {
    case 'refused':
      return `refused: ${plainly(hide(trouble.reason), REASON_MAX)}`
    case 'status':
      return `answered with the HTTP status ${trouble.status}`
    case 'silent':
      return 'did not answer in time'
    case 'gone':
      return 'can’t be reached or stopped before it answered'
    case 'too_large':
      return 'answered more than is taken'
    case 'nonsense':
      return 'gave an answer that makes no sense'
    case 'forbidden':
      return 'leads to an address that may not be called'
    default:
      return trouble satisfies never
  }
}

/** `error` as what a model and the asker may read. */
export function toolFailed(server: string, error: unknown, hide: Hide): ToolFailed {
  if (error instanceof ToolFailed) return error
  const trouble = troubleOf(error)
  return new ToolFailed(`${server} ${wordsFor(trouble, hide)}`, trouble.kind === 'status' ? trouble.status : null)
}
