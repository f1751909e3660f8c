import type { ErrorBody, InvalidBody } from '@parley/protocol/rooms/errors'
import type { RefusalCode } from '../../core/refusals.ts'
import { headerCredential } from '../../protocols/credential.ts'
import { words } from '../../protocols/rooms/words.ts'
import type { Dialect } from '../dialect.ts'
import type { Issue } from '../faults.ts'

/** Rooms over HTTP: a token or an API key in a header, errors as `{error: {code, message, type}}`. */
export const rooms = {
  credential: headerCredential,
  words,
  place: ({ code }) => placeOf(code),
  statuses: { name_taken: 400, email_taken: 400 },
  error: ({ status, text, retryAfter }): ErrorBody => ({
    error: {
      code: status,
      message: text,
      type: typeOf(status),
      ...(retryAfter !== undefined && { retry_after: retryAfter }),
    },
  }),
  invalid: (issues): InvalidBody => ({
    error: {
      code: 422,
      message: 'Validation failed',
      type: 'validation_error',
      details: issues.map(issue => ({ ...issue, loc: [...issue.loc] })),
    },
  }),
} satisfies Dialect

function placeOf(code: RefusalCode): Issue['loc'] {
  if (code === 'name_invalid') return ['body', 'username']
  if (code === 'artefact_invalid') return ['body', 'data']
  return code === 'room_label_invalid' ? ['body', 'room_id'] : ['body']
}

function typeOf(status: number): ErrorBody['error']['type'] {
  if (status === 401) return 'authentication_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'http_error'
}
