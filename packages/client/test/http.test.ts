import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  AsyncTokenBowlClient,
  AuthenticationError,
  ConflictError,
  NetworkError,
  NotFoundError,
  RateLimitError,
  ServerError,
  TimeoutError,
  TokenBowlClient,
  TokenBowlError,
  ValidationError,
  ValueError,
} from '../src/index.ts'
import { type Bowl, key, openBowl } from './fixture/bowl.ts'
import { createManualClock } from './fixture/clock.ts'

let bowl: Bowl
let client: TokenBowlClient
beforeEach(async () => {
  bowl = await openBowl()
  client = new TokenBowlClient({ apiKey: key('ann'), baseUrl: bowl.url })
})
afterEach(() => bowl[Symbol.asyncDispose]())

type Call = [name: string, request: string, call: (client: TokenBowlClient) => Promise<unknown>, body?: object]

const CALLS: Call[] = [
  [
    'register',
    'POST /register',
    c => c.register('bob', { webhookUrl: 'http://x/', logo: 'grok.png' }),
    { username: 'bob', webhook_url: 'http://x/', logo: 'grok.png' },
  ],
  ['register', 'POST /register', c => c.register('bob'), { username: 'bob' }],
  [
    'sendMagicLink',
    'POST /auth/magic-link/send',
    c => c.sendMagicLink('a@b', 'bob'),
    { email: 'a@b', username: 'bob' },
  ],
  ['authenticateMagicLink', 'POST /auth/magic-link/authenticate', c => c.authenticateMagicLink('t'), { token: 't' }],
  ['getMyProfile', 'GET /users/me', c => c.getMyProfile()],
  ['updateMyUsername', 'PATCH /users/me/username', c => c.updateMyUsername('bob'), { username: 'bob' }],
  ['updateMyWebhook', 'PATCH /users/me/webhook', c => c.updateMyWebhook(null), { webhook_url: null }],
  ['updateMyLogo', 'PATCH /users/me/logo', c => c.updateMyLogo('grok.png'), { logo: 'grok.png' }],
  ['updateMyLogo', 'PATCH /users/me/logo', c => c.updateMyLogo(), { logo: null }],
  ['regenerateApiKey', 'POST /users/me/regenerate-api-key', c => c.regenerateApiKey()],
  ['getAvailableLogos', 'GET /logos', c => c.getAvailableLogos()],
  ['getUsers', 'GET /users', c => c.getUsers()],
  ['getOnlineUsers', 'GET /users/online', c => c.getOnlineUsers()],
  ['getUserProfile', 'GET /users/b%2Fob%20%3F', c => c.getUserProfile('b/ob ?')],
  ['sendMessage', 'POST /messages', c => c.sendMessage('hi'), { content: 'hi' }],
  [
    'sendMessage',
    'POST /messages',
    c => c.sendMessage('hi', { toUsername: 'bob' }),
    { content: 'hi', to_username: 'bob' },
  ],
  ['getMessages', 'GET /messages?limit=50&offset=0', c => c.getMessages()],
  [
    'getMessages',
    'GET /messages?limit=9&offset=3&since=2026-01-02T03%3A04%3A05.000Z',
    c => c.getMessages({ limit: 9, offset: 3, since: new Date('2026-01-02T03:04:05Z') }),
  ],
  [
    'getDirectMessages',
    'GET /messages/direct?limit=50&offset=0&since=2026-01-02T03%3A04%3A05%2B00%3A00',
    c => c.getDirectMessages({ since: '2026-01-02T03:04:05+00:00' }),
  ],
  ['getUnreadMessages', 'GET /messages/unread?limit=50&offset=0', c => c.getUnreadMessages()],
  [
    'getUnreadDirectMessages',
    'GET /messages/direct/unread?limit=5&offset=5',
    c => c.getUnreadDirectMessages({ limit: 5, offset: 5 }),
  ],
  ['getUnreadCount', 'GET /messages/unread/count', c => c.getUnreadCount()],
  ['markMessageRead', 'POST /messages/m1/read', c => c.markMessageRead('m1')],
  ['markAllMessagesRead', 'POST /messages/mark-all-read', c => c.markAllMessagesRead()],
  ['getReceipts', 'GET /messages/m1/receipts', c => c.getReceipts('m1')],
  [
    'createBot',
    'POST /bots',
    c => c.createBot('rob', { emoji: '🤖', webhookUrl: 'http://x/' }),
    { username: 'rob', emoji: '🤖', webhook_url: 'http://x/' },
  ],
  ['getMyBots', 'GET /bots/me', c => c.getMyBots()],
  ['updateBot', 'PATCH /bots/b1', c => c.updateBot('b1', { webhookUrl: null }), { webhook_url: null }],
  ['deleteBot', 'DELETE /bots/b1', c => c.deleteBot('b1')],
  ['regenerateBotApiKey', 'POST /bots/b1/regenerate-api-key', c => c.regenerateBotApiKey('b1')],
  [
    'createConversation',
    'POST /conversations',
    c => c.createConversation({ title: 't', description: 'd', messageIds: ['m1'] }),
    { title: 't', description: 'd', message_ids: ['m1'] },
  ],
  ['getConversations', 'GET /conversations?limit=100&offset=0', c => c.getConversations()],
  ['getConversation', 'GET /conversations/c1', c => c.getConversation('c1')],
  ['updateConversation', 'PATCH /conversations/c1', c => c.updateConversation('c1', { title: 't' }), { title: 't' }],
  ['deleteConversation', 'DELETE /conversations/c1', c => c.deleteConversation('c1')],
  ['adminGetAllUsers', 'GET /admin/users', c => c.adminGetAllUsers()],
  ['adminGetUser', 'GET /admin/users/u1', c => c.adminGetUser('u1')],
  ['adminUpdateUser', 'PATCH /admin/users/u1', c => c.adminUpdateUser('u1', { viewer: true }), { viewer: true }],
  ['adminDeleteUser', 'DELETE /admin/users/u1', c => c.adminDeleteUser('u1')],
  ['adminAssignRole', 'PATCH /admin/users/u1/role', c => c.adminAssignRole('u1', 'admin'), { role: 'admin' }],
  [
    'adminInviteUser',
    'POST /admin/invite',
    c => c.adminInviteUser('a@b', 'https://x/'),
    { email: 'a@b', signup_url: 'https://x/', role: 'member' },
  ],
  ['adminGetMessage', 'GET /admin/messages/m1', c => c.adminGetMessage('m1')],
  ['adminUpdateMessage', 'PATCH /admin/messages/m1', c => c.adminUpdateMessage('m1', 'new'), { content: 'new' }],
  ['adminDeleteMessage', 'DELETE /admin/messages/m1', c => c.adminDeleteMessage('m1')],
  ['adminDeleteConversation', 'DELETE /admin/conversations/c1', c => c.adminDeleteConversation('c1')],
  ['adminAnnounce', 'POST /admin/announcements', c => c.adminAnnounce('hear'), { content: 'hear' }],
  ['adminGetConnections', 'GET /admin/websocket/connections', c => c.adminGetConnections()],
  ['healthCheck', 'GET /health', c => c.healthCheck()],
]

test.each(CALLS)('[CLIENT-31] %s: %s', async (_, request, call, body) => {
  bowl.rude.answer = { status: 200, body: '{"some":"thing"}' }
  const answer = await call(client)
  const [heard] = bowl.heard
  expect(`${heard?.method} ${heard?.url.pathname}${heard?.url.search}`).toBe(request)
  expect(heard?.body).toEqual(body ?? '')
  expect(heard?.headers).toMatchObject({ 'x-api-key': key('ann'), 'content-type': 'application/json' })
  expect([undefined, { some: 'thing' }]).toContainEqual(answer)
})

test('[CLIENT-31] every method is in the list above', () => {
  const methods = Object.getOwnPropertyNames(TokenBowlClient.prototype).filter(name => name !== 'constructor')
  expect(new Set(CALLS.map(([name]) => name))).toEqual(new Set(methods))
  expect(AsyncTokenBowlClient).toBe(TokenBowlClient)
})

test('[CLIENT-31] an answer without a body is fine', async () => {
  bowl.rude.answer = { status: 204 }
  expect(await client.deleteBot('b1')).toBeUndefined()
})

test.each(['', '.', '..'])('[CLIENT-31] %j is no id', async id => {
  await expect(client.adminDeleteUser(id)).rejects.toBeInstanceOf(ValueError)
  expect(bowl.heard).toEqual([])
})

test('[CLIENT-1] public methods need no key and send none', async () => {
  bowl.rude.answer = { status: 200, body: '{}' }
  const stranger = new TokenBowlClient({ baseUrl: bowl.url })
  await stranger.register('bob')
  await stranger.sendMagicLink('a@b')
  await stranger.authenticateMagicLink('t')
  await stranger.getAvailableLogos()
  await stranger.healthCheck()
  expect(bowl.heard).toHaveLength(5)
  for (const { headers } of bowl.heard) expect(headers).not.toHaveProperty('x-api-key')
  await expect(stranger.getUsers()).rejects.toThrow(/^API key required/)
  expect(bowl.heard).toHaveLength(5)
})

test.each([
  [400, TokenBowlError],
  [401, AuthenticationError],
  [403, TokenBowlError],
  [404, NotFoundError],
  [405, TokenBowlError],
  [409, ConflictError],
  [422, ValidationError],
  [429, RateLimitError],
  [500, ServerError],
  [503, ServerError],
])('[CLIENT-30] status %i is a %o with the body as its text', async (status, errorClass) => {
  const body = '{"detail":"it is so"}'
  bowl.rude.answer = { status, body, headers: { 'Retry-After': '7' } }
  const error = await client.getUsers().catch(error => error)
  expect(error.constructor).toBe(errorClass)
  expect(error.name).toBe(errorClass.name)
  expect(error.message).toBe(body)
  expect(error.response).toMatchObject({ status, body: { detail: 'it is so' } })
  expect(error.response.headers.get('retry-after')).toBe('7')
})

test.each([
  ['<h1>Bad gateway</h1>', '<h1>Bad gateway</h1>'],
  ['', 'The server answered with status 502'],
])('[CLIENT-30] a body that is no JSON is text: %j', async (body, message) => {
  bowl.rude.answer = { status: 502, body }
  const error = await client.getUsers().catch(error => error)
  expect(error).toBeInstanceOf(ServerError)
  expect(error).toHaveProperty('message', message)
})

test('[CLIENT-30] no answer in time is a TimeoutError', async () => {
  bowl.rude.mute = true
  const clock = createManualClock()
  const patient = new TokenBowlClient({ apiKey: key('ann'), baseUrl: bowl.url, clock })
  const call = patient.getUsers().catch(error => error)
  await bowl.until(() => bowl.heard.length === 1)
  expect(clock.waits()).toEqual([30_000])
  clock.advance(30_000)
  expect(await call).toBeInstanceOf(TimeoutError)
  expect(clock.waits()).toEqual([])
})

test('[CLIENT-30] nobody there, and an aborted signal, are NetworkErrors', async () => {
  bowl.rude.mute = true
  const stop = new AbortController()
  const doomed = new TokenBowlClient({ apiKey: key('ann'), baseUrl: bowl.url, signal: stop.signal })
  const call = doomed.getUsers().catch(error => error)
  await bowl.until(() => bowl.heard.length === 1)
  stop.abort()
  expect(await call).toBeInstanceOf(NetworkError)
  await bowl[Symbol.asyncDispose]()
  const refused = await client.getUsers().catch(error => error)
  bowl = await openBowl()
  expect(refused).toBeInstanceOf(NetworkError)
  expect(refused.message).toMatch(/^Failed to connect: .*ECONNREFUSED/)
})

test('[CLIENT-32] the key does not follow a redirect to somebody else', async () => {
  const keys: unknown[] = []
  const thief = createServer((request, response) => {
    keys.push(request.headers['x-api-key'])
    response.end('{}')
  })
  await new Promise<void>(resolve => thief.listen(0, '127.0.0.1', resolve))
  const { port } = thief.address() as AddressInfo
  bowl.rude.answer = { status: 307, headers: { Location: `http://127.0.0.1:${port}/users` } }
  await expect(client.getUsers()).rejects.toBeInstanceOf(NetworkError)
  expect(keys).toEqual([])
  await new Promise(resolve => thief.close(resolve))
})
