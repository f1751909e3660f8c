import { environment } from '../environment.ts'
import { asChatError, ChatError } from './errors.ts'
import type { Headers, Rest } from './rest.ts'

/** A token, or what answers a good one whenever it is asked: for each connection and each request. */
export type TokenSource = string | (() => string | Promise<string>)

/** Who we are: by an access token or a WebSocket token, or by an API key. A WebSocket token opens no files and no invitations. */
export type Credentials =
  | { readonly token: TokenSource; readonly apiKey?: undefined }
  | { readonly apiKey: string; readonly token?: undefined }
  /** The API key is in the variable `PARLEY_API_KEY`. */
  | { readonly token?: undefined; readonly apiKey?: undefined }

/** What to use of them. Throws ChatError where there is nothing. */
export function credentialsOf({ token, apiKey = environment('PARLEY_API_KEY') }: Credentials): Found {
  if (token !== undefined) return { token }
  if (apiKey !== undefined) return { apiKey }
  throw new ChatError('UNAUTHENTICATED', 'Give a token or an apiKey, or set PARLEY_API_KEY')
}

type Found = { readonly token: TokenSource; readonly apiKey?: undefined } | { readonly apiKey: string }

/** Credentials in use. Rejects with ChatError; UNAUTHENTICATED where they are not taken. */
export interface Access {
  /** What opens the next connection. */
  socketToken(): Promise<string>
  headers(): Promise<Headers>
  /** Why a connection with this token was refused: its status is hidden from us. */
  refusal(token: string): Promise<ChatError>
  /** Whether the next token may be another. */
  readonly renews: boolean
}

const WHOLE_WORDS = /^[\x21-\x7e]+$/

export function createAccess(credentials: Found, rest: Rest, now: () => number): Access {
  return credentials.apiKey === undefined
    ? byToken(credentials.token, rest, now)
    : byKey(checked(credentials.apiKey), rest)
}

function byToken(source: TokenSource, rest: Rest, now: () => number): Access {
  const next = async (): Promise<string> => {
    if (typeof source === 'string') return checked(source)
    try {
      return checked(await source())
    } catch (thrown) {
      throw asChatError(thrown, 'UNREACHABLE')
    }
  }
  return {
    renews: typeof source !== 'string',
    socketToken: next,
    headers: async () => bearer(await next()),
    async refusal(token) {
      try {
        await rest(bearer(token), { method: 'GET', path: ['auth', 'verify-token'] })
      } catch (error) {
        const why = asChatError(error, 'UNREACHABLE')
        // A WebSocket token opens sockets and nothing else, so REST can't tell whether it is good.
        return why.message === 'Token type not accepted' && !isOver(token, now()) ? REFUSED() : why
      }
      return REFUSED()
    },
  }
}

/** A key never travels in a URL: it gets a token for each connection. */
function byKey(key: string, rest: Rest): Access {
  const headers = { 'X-API-Key': key }
  return {
    renews: false,
    async socketToken() {
      const answer = await rest(headers, { method: 'POST', path: ['ws', 'token'] })
      const { token } = Object(answer) as { token?: unknown } // checked below
      if (typeof token !== 'string') throw new ChatError('MALFORMED', 'The server gave no token')
      return token
    },
    headers: async () => headers,
    refusal: async () => REFUSED(),
  }
}

const bearer = (token: string): Headers => ({ Authorization: `Bearer ${token}` })
const REFUSED = () => new ChatError('UNREACHABLE', 'The server answers, but refuses the connection')

function checked(secret: string): string {
  const trimmed = secret.trim()
  // The platform refuses it in a header too, but repeats it in the error.
  if (WHOLE_WORDS.test(trimmed)) return trimmed
  throw new ChatError('UNAUTHENTICATED', 'The token or key is empty, or has characters that none has')
}

/** Whether a JWT's own time is over. */
function isOver(token: string, now: number): boolean {
  try {
    const { exp } = JSON.parse(atob(token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''))
    return typeof exp === 'number' && exp * 1_000 <= now
  } catch {
    return false
  }
}
