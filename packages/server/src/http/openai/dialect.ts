import type { CompletionError } from '@parley/protocol/agents/completions'
import { eitherCredential, headerCredential } from '../../protocols/credential.ts'
import type { Dialect } from '../dialect.ts'
import { tokenBowl } from '../token-bowl/dialect.ts'

/** The way of OpenAI's API: keys come as bearer tokens, errors as `{error: {message, type, param, code}}`. */
export const openai = {
  ...tokenBowl,
  credential: headers => eitherCredential(headerCredential(headers)),
  error: ({ code, status, text }): CompletionError => ({
    error: { message: text, type: typeOf(status), param: null, code },
  }),
  invalidStatus: 400,
  invalid: (issues): CompletionError => ({
    error: {
      message: issues.map(({ loc, msg }) => [loc.slice(1).join('.'), msg].filter(Boolean).join(': ')).join('. '),
      type: 'invalid_request_error',
      param: issues[0]?.loc.slice(1).join('.') || null,
      code: 'invalid_request',
    },
  }),
} satisfies Dialect

function typeOf(status: number): CompletionError['error']['type'] {
  if (status === 401) return 'authentication_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
