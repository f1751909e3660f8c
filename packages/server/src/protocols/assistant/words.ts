import { PREFIXES, TEXTS } from '@parley/protocol/assistant/limits'
import type { Refusal } from '../../core/refusals.ts'

/** What the protocol says for a refusal. Those that it has no words for are failures. */
export function words(refusal: Refusal): string {
  switch (refusal.code) {
    case 'body_empty':
      return TEXTS.empty
    case 'body_too_long':
      return TEXTS.tooLong
    case 'rate_limited':
      return `${TEXTS.tooFast}: try again in ${refusal.retryAfter} seconds`
    case 'unauthenticated':
      return TEXTS.authRequired
    case 'role_forbids':
      return `The role ${refusal.role} does not allow this`
    case 'run_unknown':
      return `${PREFIXES.failed}nothing was asked yet`
    case 'nothing_to_continue':
      return `${PREFIXES.failed}the answer is whole, or has no text to go on from`
    case 'run_open':
      return `${PREFIXES.failed}the answer has not ended yet`
    case 'busy':
      return `${PREFIXES.failed}the server is busy`
    case 'storage_failed':
      return `${PREFIXES.failed}it could not be stored`
    case 'internal':
      return `${PREFIXES.failed}internal error`
    default:
      return `${PREFIXES.failed}${refusal.code.replaceAll('_', ' ')}`
  }
}

/** The same for credentials. */
export function authWords(refusal: Refusal): string {
  switch (refusal.code) {
    case 'rate_limited':
      return `${TEXTS.authFailed}: too many attempts, try again in ${refusal.retryAfter} seconds`
    case 'busy':
      return `${TEXTS.authFailed}: the server is busy`
    default:
      return TEXTS.authFailed
  }
}
