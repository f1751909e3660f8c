import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  AuthType,
  WebSocketChatClient,
  type WebSocketChatClientOptions,
  WebSocketConfig,
  type WebSocketConfigOptions,
} from '../../src/assistant/index.ts'
import { openAssistant } from '../fixture/assistant.ts'
import { createManualClock } from '../fixture/clock.ts'

let server: Awaited<ReturnType<typeof openAssistant>>
beforeEach(async () => {
  server = await openAssistant()
})
afterEach(() => server[Symbol.asyncDispose]())

/** A client that writes down what it is told. */
function clientOf(config: Partial<WebSocketConfigOptions> = {}, options: WebSocketChatClientOptions = {}) {
  const told: unknown[] = []
  const waiting = new Set<() => void>()
  const tell = (one: unknown) => {
    told.push(one)
    for (const look of [...waiting]) look()
  }
  const client = new WebSocketChatClient(new WebSocketConfig({ endpoint: server.url, ...config }), {
    onMessage: frame => tell(frame.type),
    onConnected: id => tell(`connected ${id === client.sessionId}`),
    onError: text => tell(`Error: ${text}`),
    ...options,
  })
  const until = (condition: () => boolean) =>
    new Promise<void>(resolve => {
      const look = () => {
        if (!condition()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { client, told, until }
}

test('[CLIENT-60] the frame that signs in, for each type; none for nobody', () => {
  const payload = (options: Partial<WebSocketConfigOptions>) =>
    new WebSocketConfig({ endpoint: 'ws://x', ...options }).getAuthPayload()
  expect(payload({})).toEqual({})
  expect(payload({ authType: AuthType.BEARER_TOKEN, token: 't' })).toEqual({
    type: 'auth',
    auth_type: 'bearer_token',
    token: 't',
  })
  expect(payload({ authType: AuthType.API_KEY, apiKey: 'k' })).toMatchObject({ api_key_header: 'X-API-Key' })
  expect(payload({ authType: AuthType.BASIC_AUTH, username: 'u', password: 'p' })).toMatchObject({
    auth_type: 'basic_auth',
    username: 'u',
    password: 'p',
  })
  const oauth = { authType: AuthType.OAUTH2, clientId: 'i', clientSecret: 's', tokenUrl: 'https://…' }
  expect(payload(oauth)).toEqual({
    type: 'auth',
    auth_type: 'oauth2',
    client_id: 'i',
    client_secret: 's',
    token_url: 'https://…',
  })
  expect(payload({ ...oauth, scope: 'read write' })).toMatchObject({ scope: 'read write' })
})

test('[CLIENT-61] it connects, signs in, talks and disconnects', async () => {
  const { client, told, until } = clientOf({ authType: AuthType.BEARER_TOKEN, token: 'secret' })
  expect(await client.connect()).toBe(true)
  expect(client.isConnected).toBe(true)
  expect(client.sendChatMessage('Hello!')).toBe(true)
  for (const method of ['getHistory', 'clearHistory', 'ping', 'logout'] as const) expect(client[method]()).toBe(true)
  await until(() => told.includes('logout_success'))
  expect(told).toEqual([
    'connected true',
    ...['connection_established', 'auth_configured', 'auth_response', 'typing', 'ai_response'],
    ...['history', 'history_cleared', 'pong', 'logout_success'],
  ])
  expect(server.frames.map(({ type }) => type)).toEqual(['auth', 'chat', 'history', 'clear', 'ping', 'logout'])
  expect(client.isAuthenticated).toBe(false)
  await client.disconnect()
  expect(client.isConnected).toBe(false)
  expect(client.sendChatMessage('more')).toBe(false)
  expect(told.at(-1)).toBe('Error: Not connected to WebSocket')
})

test('[CLIENT-62] refused credentials are told as an error, and the connection stays', async () => {
  const { client, told, until } = clientOf({ authType: AuthType.API_KEY, apiKey: 'wrong' })
  await client.connect()
  await until(() => told.includes('auth_response'))
  expect(told.slice(2)).toEqual(['error', 'Error: Authentication failed', 'auth_response'])
  expect([client.isAuthenticated, client.isConnected]).toEqual([false, true])
  await client.disconnect()
})

test('[CLIENT-63] a server that is not there is false and an error; nothing is thrown', async () => {
  const { client, told } = clientOf({ endpoint: 'ws://127.0.0.1:9/ws/chat' })
  expect(await client.connect()).toBe(false)
  expect(told).toEqual([expect.stringMatching(/^Error: Failed to connect: /)])
  await client.disconnect()
})

test('[CLIENT-63] what is no frame, or too large, is told; what a callback throws is not', async () => {
  const { client, told, until } = clientOf({}, { maxSize: 200 })
  await client.connect()
  await until(() => told.length === 2)
  server.push('no JSON')
  server.push('[]')
  server.push('{"type":"pong"}')
  server.push(JSON.stringify({ type: 'ai_response', message: 'é'.repeat(100) }))
  await until(() => told.length === 7)
  expect(told.slice(2)).toEqual([
    expect.stringMatching(/^Error: Invalid message format: .*JSON/),
    'Error: Invalid message format: a frame is an object with a type',
    'pong',
    'Error: Message too big: a frame exceeds the limit of 200 bytes',
    expect.stringMatching(/^Error: Connection error: /),
  ])

  const throwing = clientOf({}, { onMessage: () => Promise.reject(new Error('mine')), onConnected: JSON.parse })
  expect(await throwing.client.connect()).toBe(true)
  expect(throwing.client.ping()).toBe(true)
  await server.until(() => server.frames.some(({ type }) => type === 'ping'))
  await throwing.client.disconnect()
})

test('[CLIENT-64] a lost connection is told once, and stays lost unless it is to come back', async () => {
  let isClosed = false
  const { client, told, until } = clientOf({}, { onClosed: () => (isClosed = true) })
  await client.connect()
  await until(() => told.length === 2)
  server.cut()
  await until(() => told.length === 3)
  expect(told.at(-1)).toMatch(/^Error: Connection error: the connection was lost/)
  expect([isClosed, client.isConnected]).toEqual([true, false])
  expect(await client.connect()).toBe(true)
  await client.disconnect()
})

test('[CLIENT-64] with `reconnect` it comes back after 3 s, signs in again, and goes on with the conversation', async () => {
  const clock = createManualClock()
  const options = { reconnect: true, clock }
  const { client, told, until } = clientOf({ authType: AuthType.BEARER_TOKEN, token: 'secret' }, options)
  await client.connect()
  client.sendChatMessage('Hello!')
  await until(() => told.includes('ai_response'))
  const id = client.sessionId
  server.cut()
  await until(() => told.some(one => String(one).startsWith('Error')))
  expect(server.urls).toHaveLength(1)
  clock.advance(3_000)
  await server.until(() => server.frames.filter(({ type }) => type === 'auth').length === 2)
  expect(server.urls).toEqual(['/ws/chat', `/ws/chat?session_id=${id}`])
  await until(() => told.filter(one => one === 'auth_response').length === 2)
  expect(client.sessionId).toBe(id)
  server.cut(4401)
  await until(() => String(told.at(-1)).includes('4401'))
  clock.advance(60_000)
  expect(client.isConnected).toBe(false)
  expect(server.urls).toHaveLength(2)
  await client.disconnect()
})

test('[CLIENT-65] the log has frames and no credential', async () => {
  const lines: string[] = []
  const log = (level: string, text: string) => lines.push(`${level} ${text}`)
  const secrets = { username: 'ann', password: 'battery"staple' }
  const { client, told, until } = clientOf({ authType: AuthType.BASIC_AUTH, ...secrets }, { log })
  await client.connect()
  client.sendChatMessage('my password is battery"staple')
  await until(() => told.includes('ai_response'))
  await client.disconnect()
  expect(lines.slice(0, 2)).toEqual([`INFO Connecting to ${server.url}...`, 'INFO WebSocket connected'])
  expect(lines).toContainEqual(
    'DEBUG Message sent: {"type":"auth","auth_type":"basic_auth","username":"***","password":"***"}',
  )
  expect(lines).toContainEqual(expect.stringContaining('DEBUG Message received: {"type":"ai_response"'))
  expect(lines.join('\n')).not.toContain('staple')
})
