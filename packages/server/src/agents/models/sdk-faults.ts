import { APICallError, StreamProviderError } from 'ai'
import { CallFailed } from '../../core/ports/outbound.ts'
import { type FaultCode, ModelFault } from './fault.ts'

/** Longest text of a provider that is passed on, in UTF-16 units. */
const DETAIL_MAX = 500

/** What an error of the SDK, of a provider or of the way to it says. `now`: milliseconds since 1970. */
export function faultOf(error: unknown, now: number): ModelFault {
  if (error instanceof ModelFault) return error
  const call = callFailure(error)
  if (call) return new ModelFault(codeOfCall(call), call.detail)
  if (APICallError.isInstance(error)) {
    const { statusCode, responseHeaders } = error
    return new ModelFault(
      codeOf(statusCode, error.message),
      said(error.message, statusCode),
      retryAfter(responseHeaders, now),
    )
  }
  if (StreamProviderError.isInstance(error)) {
    return new ModelFault(codeOf(error.statusCode, error.message), said(error.message, error.statusCode))
  }
  const { message } = error instanceof Error ? error : { message: textOf(error) }
  return new ModelFault(codeOf(undefined, message), said(message))
}

/** The failed call that an error is, or comes from. */
function callFailure(error: unknown): CallFailed | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof CallFailed) return at
  }
  return undefined
}

function codeOfCall({ failure }: CallFailed): FaultCode {
  switch (failure) {
    case 'redirected_too_often':
      return 'redirected'
    case 'answer_too_large':
      return 'too_large'
    case 'answer_broken':
      return 'broken'
    case 'url_refused':
    case 'address_refused':
    case 'name_unknown':
    case 'unreachable':
    case 'tls_failed':
    case 'timed_out':
    case 'cancelled':
      return 'unreachable'
    default:
      return failure satisfies never
  }
}

function codeOf(status: number | undefined, text: string): FaultCode {
  if (status === 401 || status === 403) return 'credentials_refused'
  if (status === 404) return 'model_unknown'
  if (status === 413 || /context.{0,20}(length|window)|too long|too many tokens|maximum.{0,20}tokens/i.test(text))
    return 'question_too_long'
  if (status === 429 || /rate.?limit|throttl/i.test(text)) return 'rate_limited'
  if (status === 408 || status === 409 || (status ?? 0) >= 500 || /overload|unavailable/i.test(text))
    return 'overloaded'
  if (/model.{0,80}(not found|does not exist|not exist)/i.test(text)) return 'model_unknown'
  return (status ?? 0) >= 400 ? 'question_refused' : 'broken'
}

const said = (text: string, status?: number): string =>
  `${status === undefined ? '' : `${status} `}${text}`.slice(0, DETAIL_MAX)

function textOf(error: unknown): string {
  if (typeof error === 'string') return error
  if (typeof error !== 'object' || error === null) return String(error)
  return 'message' in error && typeof error.message === 'string' ? error.message : (JSON.stringify(error) ?? '')
}

/** What the provider asks for in `retry-after-ms` or `retry-after`, in milliseconds. */
function retryAfter(headers: Readonly<Record<string, string>> | undefined, now: number): number | null {
  const precise = Number(headers?.['retry-after-ms'] ?? Number.NaN)
  if (precise >= 0) return precise
  const text = headers?.['retry-after']
  if (text === undefined) return null
  const wait = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(wait) ? Math.max(0, wait) : null
}
