import { RATE_MAX, RATE_WINDOW_MS } from '@parley/protocol/agents/limits'
import type { Refusal } from '../../core/refusals.ts'
import { error } from './shapes.ts'

/** What the protocol says for a refusal. */
export function refused(refusal: Refusal): string {
  switch (refusal.code) {
    case 'rate_limited':
      return rateLimited(refusal.retryAfter)
    case 'busy':
      return error('SESSION_BUSY')
    case 'body_empty':
      return error('EMPTY_CONTENT')
    case 'body_too_long':
      return error('CONTENT_TOO_LONG')
    default:
      return error('AGENT_ERROR', refusal.code.replaceAll('_', ' '))
  }
}

/** After so many seconds there is room for another message. */
export const rateLimited = (seconds: number): string =>
  error('RATE_LIMIT_EXCEEDED', '', {
    max_messages: RATE_MAX,
    window_ms: RATE_WINDOW_MS,
    retry_after_ms: seconds * 1000,
  })
