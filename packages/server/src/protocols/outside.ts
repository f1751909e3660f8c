import type { AuthFrame } from '@parley/protocol/assistant/auth'
import { API_KEY_HEADER, AUTH_TYPES, OAUTH2_ALIAS, PREFIXES, TEXTS } from '@parley/protocol/assistant/limits'
import type { SomeCredential } from '../core/commands/recognizing.ts'
import { isHeaderName, isHeaderValue } from '../core/headers.ts'
import type { Outside } from '../core/ports/agents.ts'
import type { Headers } from '../core/ports/verifier.ts'

export type AuthType = (typeof AUTH_TYPES)[number]

/** What somebody shows: to be known by here, or for requests to elsewhere. */
export type Presented =
  | { readonly state: 'malformed'; readonly text: string }
  | {
      readonly state: 'good'
      readonly type: AuthType
      /** What of it may be of this server. */
      readonly own: readonly SomeCredential[]
      readonly outside: Outside
    }

/** Reads credentials as `auth` frames have them; of types that are not in `types` nothing is known. */
export function presented(frame: AuthFrame, types: readonly AuthType[]): Presented {
  const named = frame.auth_type || AUTH_TYPES[0]
  const lower = named.toLowerCase()
  const type = types.find(one => one === (lower === OAUTH2_ALIAS ? 'oauth2' : lower))
  return type ? READERS[type](frame) : malformed(`${PREFIXES.unknownAuthType}${named.slice(0, 64).toWellFormed()}`)
}

const malformed = (text: string): Presented => ({ state: 'malformed', text })

const READERS: Record<AuthType, (frame: AuthFrame) => Presented> = {
  bearer_token({ token }) {
    if (!token) return malformed(TEXTS.tokenRequired)
    return inHeaders('bearer_token', { Authorization: `Bearer ${token}` }, TEXTS.invalid)
  },
  api_key({ api_key: key, api_key_header: header }) {
    if (!key) return malformed(TEXTS.keyRequired)
    return inHeaders('api_key', { [header || API_KEY_HEADER]: key })
  },
  basic_auth({ username, password }) {
    if (!username || !password) return malformed(TEXTS.passwordRequired)
    const headers = { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
    const own = [{ by: 'password', name: username, password }] as const
    return { state: 'good', type: 'basic_auth', own, outside: { by: 'headers', headers } }
  },
  oauth2({ client_id: id, client_secret: secret, token_url: url, scope }) {
    if (!id || !secret || !url) return malformed(TEXTS.oauth2Incomplete)
    const client = { id, secret, url, scope: scope ?? null }
    return { state: 'good', type: 'oauth2', own: [], outside: { by: 'oauth2', client } }
  },
  custom: ({ custom_headers: headers }) => inHeaders('custom', headers ?? {}),
}

const HEADERS_MAX = 20

function inHeaders(type: AuthType, headers: Headers, wrong: string = TEXTS.headerRefused): Presented {
  const entries = Object.entries(headers)
  const fits = ([name, value]: [string, string]) => isHeaderName(name) && isHeaderValue(value)
  if (entries.length > HEADERS_MAX || !entries.every(fits)) return malformed(wrong)
  return { state: 'good', type, own: entries.flatMap(ownOf), outside: { by: 'headers', headers } }
}

/** What of a header may be a credential of this server. It must not be sent elsewhere then, whatever the header is called. */
function ownOf([, value]: [string, string]): readonly SomeCredential[] {
  const [, scheme = '', rest = ''] = /^(Bearer|Basic) +(.+)$/i.exec(value) ?? []
  if (scheme.toLowerCase() !== 'basic') return value === '' ? [] : [{ by: 'secret', secret: rest || value }]
  const [, name, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(rest, 'base64').toString()) ?? []
  return name && password ? [{ by: 'password', name, password }] : []
}
