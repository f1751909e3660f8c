import type { DetailBody, ValidationBody } from '@parley/protocol/token-bowl/errors'
import type { Refusal } from '../../core/refusals.ts'
import { headerCredential } from '../../protocols/credential.ts'
import { words } from '../../protocols/token-bowl/words.ts'
import type { Dialect } from '../dialect.ts'
import type { Issue } from '../faults.ts'

/** Token Bowl over HTTP: an API key or a session token in a header, errors as `{detail}`. */
export const tokenBowl: Dialect = {
  credential: headerCredential,
  words,
  place,
  error: ({ text }) => ({ detail: text }) satisfies DetailBody,
  invalid: issues => ({ detail: issues.map(issue => ({ ...issue, loc: [...issue.loc] })) }) satisfies ValidationBody,
}

const FIELDS: Partial<Record<Refusal['code'], string>> = {
  body_empty: 'content',
  body_too_long: 'content',
  name_invalid: 'username',
  webhook_refused: 'webhook_url',
  bot_with_logo: 'logo',
}

function place({ code }: Refusal): Issue['loc'] {
  const field = FIELDS[code]
  return field === undefined ? ['body'] : ['body', field]
}
