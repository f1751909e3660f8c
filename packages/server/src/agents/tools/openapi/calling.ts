import type { Outside, TokenClient } from '../../../core/ports/agents.ts'
import { CallFailed, type GuardedFetch, type OutboundFailure } from '../../../core/ports/outbound.ts'
import type { Later } from '../../../core/runs/cast.ts'
import type { Tokens } from '../oauth2.ts'
import { type Json, type JsonObject, type ToolCall, ToolFailed } from '../tool.ts'
import { resultOf } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import { type Prepared, prepare } from './request.ts'
import type { OpenApiService } from './settings.ts'

export interface CallPorts {
  /** The way to this service. */
  readonly fetch: GuardedFetch
  readonly tokens: Tokens
  readonly later: Later
}

/** A service, and the way to it. */
export interface Reach {
  readonly service: OpenApiService
  /** Its address, without a slash at the end. */
  readonly base: string
  readonly ports: CallPorts
}

const ACCEPT = {
  accept: 'application/json, text/*;q=0.9, */*;q=0.5',
  'accept-encoding': 'identity',
  'user-agent': 'Parley',
}

/** Calls an operation. Throws ToolFailed in the words that clients know. */
export async function callEndpoint(
  { service, base, ports }: Reach,
  endpoint: Endpoint,
  args: JsonObject,
  { question, signal }: Pick<ToolCall, 'question' | 'signal'>,
): Promise<Json> {
  const outside = service.forwardsCredentials ? question.outside : null
  if (lacksCredentials(endpoint, service, outside))
    throw new ToolFailed('This needs credentials; sign in with those of the service that is asked')
  const prepared = prepare(endpoint, base, args)
  const slow = new AbortController()
  const lift = ports.later(service.timeLimit, () => slow.abort())
  const sending: Sending = {
    method: endpoint.operation.method,
    prepared,
    service,
    ports,
    signal: AbortSignal.any([signal, slow.signal]),
    secrets: [...secretsIn(service.headers), ...secretsShown(outside)],
  }
  try {
    return await (outside?.by === 'oauth2' ? withToken(sending, outside.client) : once(sending, outside?.headers ?? {}))
  } catch (error) {
    throw slow.signal.aborted ? new ToolFailed('Request timeout') : failed(error)
  } finally {
    lift()
  }
}

/** Whether none of the sets of credentials of which the operation needs one is there. */
function lacksCredentials(
  { operation: { needs } }: Endpoint,
  { headers }: OpenApiService,
  outside: Outside | null,
): boolean {
  if (outside !== null || needs.length === 0) return false
  const own = Object.keys(headers).map(name => name.toLowerCase())
  return !needs.some(set => set.every(name => name !== null && own.includes(name)))
}

interface Sending {
  readonly service: OpenApiService
  readonly method: string
  readonly prepared: Prepared
  readonly ports: CallPorts
  readonly signal: AbortSignal
  /** What of the headers must not be shown. */
  readonly secrets: readonly string[]
}

/** With a token; where the service does not take it any more, once again with another one. */
async function withToken(sending: Sending, client: TokenClient): Promise<Json> {
  const { tokens } = sending.ports
  const token = await tokens.tokenFor(client, sending.signal)
  const answer = await sent(sending, bearer(token))
  if (answer.status !== 401) return resultOf(answer, [...sending.secrets, token])
  await answer.body?.cancel()
  const other = await tokens.tokenFor(client, sending.signal, token)
  return resultOf(await sent(sending, bearer(other)), [...sending.secrets, token, other])
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

async function once(sending: Sending, shown: Readonly<Record<string, string>>): Promise<Json> {
  return resultOf(await sent(sending, shown), sending.secrets)
}

/** What the asker showed wins over what the operator set, which wins over arguments: nobody acts with another's rights. */
function sent(
  { service, method, prepared, ports, signal }: Sending,
  shown: Readonly<Record<string, string>>,
): Promise<Response> {
  const headers = new Headers(ACCEPT)
  for (const set of [prepared.headers, service.headers, shown])
    for (const [name, value] of Object.entries(set)) headers.set(name, value)
  return ports.fetch(prepared.url, { method, headers, body: prepared.body, signal })
}

/** Shorter values of other headers are rather names than secrets, and hiding them would change what is said. */
const SECRET_MIN = 12

/** What of headers must not be shown: credentials whole and in parts, and long values of others. */
const secretsIn = (headers: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === 'authorization' ? partsOf(value) : value.length >= SECRET_MIN ? [value] : [],
  )

const secretsShown = (outside: Outside | null): readonly string[] =>
  outside === null ? [] : outside.by === 'oauth2' ? [outside.client.secret] : secretsIn(outside.headers)

function partsOf(authorization: string): readonly string[] {
  const rest = authorization.slice(authorization.indexOf(' ') + 1)
  const decoded = /^Basic /i.test(authorization) ? Buffer.from(rest, 'base64').toString() : rest
  return [authorization, rest, decoded, decoded.slice(decoded.indexOf(':') + 1)]
}

const WORDS: Readonly<Record<OutboundFailure, string>> = {
  url_refused: 'its address is not allowed',
  address_refused: 'its address is not allowed',
  name_unknown: 'the service is not found',
  unreachable: 'the service is not reached',
  tls_failed: 'the connection to the service is not secure',
  timed_out: 'the service does not answer',
  answer_too_large: 'the answer is too large',
  answer_broken: 'the answer broke off',
  redirected_too_often: 'the answer leads elsewhere',
  cancelled: 'it was cancelled',
}

const failed = (error: unknown): unknown =>
  error instanceof CallFailed ? new ToolFailed(`Request failed: ${WORDS[error.failure]}`) : error
