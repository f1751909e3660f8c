import type { IncomingHttpHeaders } from 'node:http'
import { ERRORS, type ErrorCode } from '@parley/protocol/errors'
import { type Refusal, Refused } from '../core/refusals.ts'
import type { Shown } from '../protocols/view.ts'
import { Fault, Invalid, type Issue } from './faults.ts'

/** Statuses by the code of a refusal. */
export type Statuses = Partial<Record<ErrorCode, number>>

export interface DialectError {
  readonly code: string
  readonly status: number
  readonly text: string
  /** In seconds. */
  readonly retryAfter?: number
}

/** How one protocol speaks HTTP: where its credentials are and what its errors look like. */
export interface Dialect<Body extends object = object> {
  /** The credential of a request, whether it is any good or not. */
  credential(headers: IncomingHttpHeaders): Shown | undefined
  words(refusal: Refusal): string
  /** Where this protocol answers a refusal with another status than the table of errors says. */
  readonly statuses?: Statuses
  /** For a refusal that answers 422: which part of the request it is about. */
  place(refusal: Refusal): Issue['loc']
  /** Body of an error that has one text. */
  error(error: DialectError): Body
  /** What this protocol answers instead of 422. */
  readonly invalidStatus?: number
  /** Body of 422. */
  invalid(issues: readonly Issue[]): Body
}

/** The text for a refusal, where there is a special one. */
export type Words = (refusal: Refusal) => string | undefined

/** An answer before it is written. */
export interface Reply<Body extends object = object> {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

/** What a dialect answers to whatever was thrown; `words` come first. Anything unexpected is 500 without a detail. */
export function replyTo<Body extends object>(
  error: unknown,
  dialect: Dialect<Body>,
  words: Words = () => undefined,
): Reply<Body> {
  if (error instanceof Refused) return refusalReply(error.refusal, dialect, words)
  if (error instanceof Invalid) return invalidReply(error.issues, dialect)
  const { code, status, headers, message } = error instanceof Fault ? error : new Fault('internal')
  return { status, headers, body: dialect.error({ code, status, text: message, ...retryOf(headers) }) }
}

const invalidReply = <Body extends object>(issues: readonly Issue[], dialect: Dialect<Body>): Reply<Body> => ({
  status: dialect.invalidStatus ?? 422,
  headers: {},
  body: dialect.invalid(issues),
})

function refusalReply<Body extends object>(refusal: Refusal, dialect: Dialect<Body>, words: Words): Reply<Body> {
  const { code } = refusal
  const status = dialect.statuses?.[code] ?? ERRORS[code].status
  const text = words(refusal) ?? dialect.words(refusal)
  if (status === 422) {
    return invalidReply([{ loc: dialect.place(refusal), msg: text, type: 'value_error' }], dialect)
  }
  const headers = refusalHeaders(refusal, status)
  return { status, headers, body: dialect.error({ code, status, text, ...retryOf(headers) }) }
}

const retryOf = (headers: Readonly<Record<string, string>>): Pick<DialectError, 'retryAfter'> =>
  headers['Retry-After'] === undefined ? {} : { retryAfter: Number(headers['Retry-After']) }

const refusalHeaders = (refusal: Refusal, status: number): Record<string, string> => ({
  ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
  ...('retryAfter' in refusal && { 'Retry-After': String(refusal.retryAfter) }),
})
