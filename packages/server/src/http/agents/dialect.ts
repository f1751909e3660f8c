import { eitherCredential, headerCredential } from '../../protocols/credential.ts'
import type { Dialect } from '../dialect.ts'
import { tokenBowl } from '../token-bowl/dialect.ts'

/** The agents protocol over HTTP: errors as `{detail}`. */
export const agents: Dialect = {
  ...tokenBowl,
  credential: headers => eitherCredential(headerCredential(headers)),
  words: refusal => (refusal.code === 'conversation_unknown' ? 'Session not found' : tokenBowl.words(refusal)),
}
