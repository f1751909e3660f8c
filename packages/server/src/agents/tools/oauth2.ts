import { createHash } from 'node:crypto'
import type { TokenClient } from '../../core/ports/agents.ts'
import { CallFailed, type GuardedFetch } from '../../core/ports/outbound.ts'
import type { Later } from '../../core/runs/cast.ts'
import { readUpTo } from './reading.ts'
import { ToolFailed } from './tool.ts'

/** For one question to a token server, in milliseconds. */
const TIMEOUT = 10_000
const BODY_MAX = 64 * 1024
/** How much of its life a token is used for. */
const SHARE = 0.9

/** What a token server may say of why it refuses, by RFC 6749. Anything else it says is not passed on. */
const REASONS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
])

export interface TokenSettings {
  readonly fetch: GuardedFetch
  /** Why an address may not be asked, in words for who named it; null where it may. */
  readonly refusal: (url: string) => string | null
  /** How long a token lives whose server does not say, in milliseconds. */
  readonly life: number
  readonly later: Later
  /** In milliseconds; never falls. */
  readonly now: () => number
}

/**
 * Access tokens for what people showed: client credentials, RFC 6749 section 4.4. Asked for when they are needed and kept in memory while
 * anybody holds the credentials that they are for, that is no longer than their connection and its questions.
 */
export interface Tokens {
  /**
   * A token for this client. With `refused`, another one than that. Those who ask at one time share a request. Throws ToolFailed, in
   * which there is no secret and nothing that the token server said.
   */
  tokenFor(client: TokenClient, signal: AbortSignal, refused?: string): Promise<string>
}

type Grant = { state: 'none' } | { state: 'asking'; issued: Promise<Issued> } | ({ state: 'issued' } & Issued)

interface Issued {
  readonly token: string
  /** Until when it is used. */
  readonly until: number
}

interface Held {
  grant: Grant
}

export function createTokens(settings: TokenSettings): Tokens {
  const heldFor = createHeld()
  return {
    async tokenFor(client, signal, refused) {
      const why = settings.refusal(client.url)
      if (why !== null) throw new ToolFailed(`The token server can't be asked: ${why}`)
      return unlessAborted(currentOf(heldFor(client), client, settings, refused), signal)
    },
  }
}

/** Equal clients share what they hold, which nothing but the clients themselves keeps in memory. */
function createHeld(): (client: TokenClient) => Held {
  const byClient = new WeakMap<TokenClient, Held>()
  const byKey = new Map<string, WeakRef<Held>>()
  const gone = new FinalizationRegistry<string>(key => {
    if (!byKey.get(key)?.deref()) byKey.delete(key)
  })
  return client => {
    const key = keyOf(client)
    const known = byClient.get(client) ?? byKey.get(key)?.deref()
    const held = known ?? { grant: { state: 'none' } }
    if (!known) {
      byKey.set(key, new WeakRef(held))
      gone.register(held, key)
    }
    byClient.set(client, held)
    return held
  }
}

const keyOf = ({ url, id, secret, scope }: TokenClient): string =>
  createHash('sha256')
    .update(JSON.stringify([url, id, secret, scope]))
    .digest('base64')

async function currentOf(held: Held, client: TokenClient, settings: TokenSettings, refused?: string): Promise<string> {
  const { grant } = held
  if (grant.state === 'issued' && grant.until > settings.now() && grant.token !== refused) return grant.token
  if (grant.state === 'asking') return (await grant.issued).token
  const issued = ask(client, settings)
  held.grant = { state: 'asking', issued }
  try {
    held.grant = { state: 'issued', ...(await issued) }
    return held.grant.token
  } catch (error) {
    held.grant = { state: 'none' }
    throw error
  }
}

/** Who stops waiting stops alone: others may wait for the same token. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function ask(client: TokenClient, settings: TokenSettings): Promise<Issued> {
  const slow = new AbortController()
  const lift = settings.later(TIMEOUT, () => slow.abort())
  try {
    const asked = settings.now()
    const first = await answerTo(inBody(client), client.url, settings.fetch, slow.signal)
    const isUnknown = first.status === 401 || first.content.error === 'invalid_client'
    const last = isUnknown ? await answerTo(inHeader(client), client.url, settings.fetch, slow.signal) : first
    return issuedBy(last, asked, settings.life)
  } catch (error) {
    if (error instanceof ToolFailed) throw error
    if (slow.signal.aborted) throw new ToolFailed('The token server did not answer in time')
    const isRefused = error instanceof CallFailed && /^(?:address|url)_refused$/.test(error.failure)
    const why = isRefused ? 'its address is not allowed' : 'no connection'
    throw new ToolFailed(`The token server can't be asked: ${why}`)
  } finally {
    lift()
  }
}

interface TokenAnswer {
  readonly status: number
  readonly content: Readonly<Record<string, unknown>>
}

async function answerTo(
  request: RequestInit,
  url: string,
  fetch: GuardedFetch,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const answer = await fetch(url, { ...request, method: 'POST', signal })
  const { bytes, isWhole } = await readUpTo(answer, BODY_MAX)
  return { status: answer.status, content: isWhole ? jsonIn(bytes) : {} }
}

function jsonIn(bytes: Uint8Array): TokenAnswer['content'] {
  try {
    const content: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof content === 'object' && content !== null ? { ...content } : {}
  } catch {
    return {}
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }

const grantFields = ({ scope }: TokenClient) => ({ grant_type: 'client_credentials', ...(scope !== null && { scope }) })

/** The secret beside the rest, as the clients of the assistant's family expect. */
const inBody = (client: TokenClient): RequestInit => ({
  headers: FORM,
  body: new URLSearchParams({ ...grantFields(client), client_id: client.id, client_secret: client.secret }).toString(),
})

/** The secret as a password, which every token server has to know. Never both in one request. */
function inHeader(client: TokenClient): RequestInit {
  const [id, secret] = [client.id, client.secret].map(text => new URLSearchParams({ '': text }).toString().slice(1))
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  return { headers: { ...FORM, authorization }, body: new URLSearchParams(grantFields(client)).toString() }
}

function issuedBy({ status, content }: TokenAnswer, asked: number, life: number): Issued {
  const { access_token: token, token_type: type = 'bearer', expires_in: seconds, error } = content
  if (status >= 300 || error !== undefined) {
    const reason = typeof error === 'string' && REASONS.has(error) ? error : `HTTP ${status}`
    throw new ToolFailed(`The token server refused the credentials: ${reason}`)
  }
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8000}$/.test(token) || String(type).toLowerCase() !== 'bearer')
    throw new ToolFailed('The token server gave no bearer token')
  const given = Number(seconds ?? Number.NaN)
  return { token, until: asked + SHARE * (given > 0 ? given * 1000 : life) }
}
