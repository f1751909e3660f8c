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

const ACCEPT = {
  accept: 'application/json, text/*;q=0.9, */*;q=0.5',
  'accept-encoding': 'identity',
  'user-agent': 'Parley',
}

/** Calls an operation of the service at `base`. Throws ToolFailed in the words that clients know. */
export async function callEndpoint(
  service: OpenApiService,
  base: string,
  endpoint: Endpoint,
  args: JsonObject,
  { question, signal }: Pick<ToolCall, 'question' | 'signal'>,
  ports: CallPorts,
): Promise<Json> {
  const outside = service.forwardsCredentials ? question.outside : null
  if (lacksCredentials(endpoint, service, outside))
    throw new ToolFailed('This needs credentials; sign in with those of the service that is asked')
  const prepared = prepare(endpoint, base, args)
  const slow = new AbortController()
  const lift = ports.later(service.timeLimit, () => slow.abort())
  const sending = {
    service,
    method: endpoint.operation.method,
    prepared,
    ports,
    signal: AbortSignal.any([signal, slow.signal]),
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
}

/** With a token; where the service does not take it any more, once again with another one. */
async function withToken(sending: Sending, client: TokenClient): Promise<Json> {
  const { tokens } = sending.ports
  const token = await tokens.tokenFor(client, sending.signal)
  const secrets = [token, client.secret]
  const answer = await sent(sending, bearer(token))
  if (answer.status !== 401) return resultOf(answer, secretsOf(sending.service, secrets))
  await answer.body?.cancel()
  const other = await tokens.tokenFor(client, sending.signal, token)
  return resultOf(await sent(sending, bearer(other)), secretsOf(sending.service, [...secrets, other]))
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

async function once(sending: Sending, shown: Readonly<Record<string, string>>): Promise<Json> {
  return resultOf(await sent(sending, shown), secretsOf(sending.service, Object.values(shown)))
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

/** The values of headers, and what of them is a secret by itself. */
function secretsOf({ headers }: OpenApiService, values: readonly string[]): readonly string[] {
  return [...Object.values(headers), ...values].flatMap(value => {
    const [, scheme = '', rest = ''] = /^(Bearer|Basic) +(.+)$/i.exec(value) ?? []
    if (scheme.toLowerCase() !== 'basic') return [value, rest]
    const decoded = Buffer.from(rest, 'base64').toString()
    return [value, rest, decoded, decoded.slice(decoded.indexOf(':') + 1)]
  })
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
