import { ChatError, type Credentials } from '@parley/client/chat'

/** How long before its end a token is replaced, in milliseconds. */
const MARGIN_MS = 60_000

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  /** Seconds. */
  readonly expires_in: number
}

/**
 * Signs in with a password and answers what gives a good token from then on. `http` is the root of the REST API. Rejects with
 * ChatError.
 */
export async function signIn(http: string, username: string, password: string): Promise<() => Promise<string>> {
  const ask = (path: string, body: object) => post(`${http}/auth/${path}`, body)
  const until = ({ expires_in }: Tokens) => Date.now() + expires_in * 1_000 - MARGIN_MS
  let tokens = await ask('login', { username, password })
  let good = until(tokens)
  // A refresh token works once: calls that come together share one.
  let renewal: Promise<void> | undefined
  const renew = async () => {
    tokens = await ask('refresh', { refresh_token: tokens.refresh_token })
    good = until(tokens)
  }
  return async () => {
    if (Date.now() >= good) {
      renewal ??= renew().finally(() => {
        renewal = undefined
      })
      await renewal
    }
    return tokens.access_token
  }
}

async function post(url: string, body: object): Promise<Tokens> {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error' }).catch(
    (error: Error) => {
      const { cause } = error
      throw new ChatError('UNREACHABLE', (cause instanceof Error && cause.message) || error.message)
    },
  )
  const text = await answer.text()
  if (answer.ok) return JSON.parse(text) as Tokens // the contract of both endpoints
  if (answer.status === 400 || answer.status === 401 || answer.status === 403 || answer.status === 422)
    throw new ChatError('UNAUTHENTICATED', 'The name or the password is wrong')
  throw new ChatError(answer.status === 429 ? 'RATE_LIMIT' : 'UNREACHABLE', `The server answered ${answer.status}`)
}

/** A secret by its looks: tokens have two dots, API keys have none. */
export const credentialsOf = (secret: string): Credentials =>
  secret.split('.').length === 3 ? { token: secret } : { apiKey: secret }
