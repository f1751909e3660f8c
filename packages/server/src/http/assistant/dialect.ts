import type { Dialect } from '../dialect.ts'
import { tokenBowl } from '../token-bowl/dialect.ts'

/** The assistant's own pages over HTTP: nobody shows credentials there, errors are one text. */
export const assistant: Dialect = {
  ...tokenBowl,
  error: ({ text, status }) => ({ ...(status === 503 && { status: 'unhealthy' }), error: text }),
  invalid: issues => ({ error: issues.map(({ msg }) => msg).join('. ') }),
}
