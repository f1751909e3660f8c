import type { Dialect } from '../dialect.ts'
import { tokenBowl } from '../token-bowl/dialect.ts'

/** The agents protocol over HTTP: errors as `{detail}`. */
export const agents: Dialect = {
  ...tokenBowl,
  words: refusal => (refusal.code === 'conversation_unknown' ? 'Session not found' : tokenBowl.words(refusal)),
}
