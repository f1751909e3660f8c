import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ChatClient, ChatError, type ConnectionState } from '../../src/chat/index.ts'
import { chatPlaceOf } from '../../src/chat/place.ts'
import { clientOf, clientUntil, failure, openClient } from '../fixture/chat.ts'
import { createManualClock } from '../fixture/clock.ts'
import { type Level2, openLevel2, token } from '../fixture/level2.ts'

let server: Level2
beforeEach(async () => {
  server = await openLevel2()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

test('[CHAT-1] it connects, and tells its way to live and to the end', async () => {
  const client = clientOf(server, 'ann')
  const states: ConnectionState[] = []
  client.on('state', ({ state }) => void states.push(state))
  expect(client.state).toEqual({ state: 'new' })
  await client.connect()
  expect(client.me).toMatchObject({ username: 'ann', role: 'member' })
  await client.close()
  expect(states.map(({ state }) => state)).toEqual(['connecting', 'syncing', 'live', 'closed'])
  expect(client.state).toEqual({ state: 'closed', error: undefined })
})

test('[CHAT-2] a refused token ends it, with an error that says so and does not hold the token', async () => {
  const client = clientOf(server, 'ann', { token: 'token-of-nobody' })
  const error = await failure(client.connect())
  expect(error).toBeInstanceOf(ChatError)
  expect(error).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false, message: 'Token expired' })
  expect(client.state).toEqual({ state: 'closed', error })
  expect(inspect(error, { depth: 9 })).not.toContain('token-of-nobody')
  expect(await failure(client.room('lobby').send('hello'))).toBe(error)
})

test('[CHAT-2] a provider is asked for each connection; after a refusal it is asked once more', async () => {
  const answers = ['token-of-nobody', token('ann'), 'token-of-nobody', 'token-of-nobody', token('ann')]
  const client = clientOf(server, 'ann', { token: async () => answers.shift() ?? '' })
  await client.connect()
  expect(answers).toHaveLength(3)
  server.cut()
  await clientUntil(client, () => client.state.state === 'closed')
  expect(client.state).toMatchObject({ error: { code: 'UNAUTHENTICATED' } })
  expect(answers).toHaveLength(1)
})

test('[CHAT-2] a provider that fails for now is asked again', async () => {
  let asked = 0
  const provide = () => {
    if (asked++ === 0) throw new TypeError('fetch failed')
    return token('ann')
  }
  await using client = clientOf(server, 'ann', { token: provide })
  await client.connect()
  expect(asked).toBe(2)
})

test('[CHAT-2] a sign-in that ends closes a client whose token never changes', async () => {
  const client = await openClient(server, 'ann')
  server.users.delete('ann')
  server.close(4001, 'signed out')
  await clientUntil(client, () => client.state.state === 'closed')
  expect(client.state).toMatchObject({ error: { code: 'UNAUTHENTICATED', message: 'The sign-in ended: signed out' } })
})

test('[CHAT-2] a token of another user ends it', async () => {
  const answers = [token('ann'), token('bob')]
  const client = clientOf(server, 'ann', { token: () => answers.shift() ?? '' })
  await client.connect()
  server.cut()
  await clientUntil(client, () => client.state.state === 'closed')
  expect(client.state).toMatchObject({ error: { code: 'ANOTHER_USER' } })
})

test('[CHAT-3] an API key gets a token for each connection and stays out of the URL', async () => {
  await using client = await openClient(server, 'ann', { apiKey: 'key-of-ann' })
  expect(client.me?.username).toBe('ann')
  expect(server.requests).toMatchObject([
    { method: 'POST', path: '/api/v1/ws/token', headers: { 'x-api-key': 'key-of-ann' } },
  ])
  const error = await failure(clientOf(server, 'ann', { apiKey: 'key-of-nobody' }).connect())
  expect(error).toMatchObject({ code: 'UNAUTHENTICATED' })
})

test('[CHAT-3] without a credential nothing is sent; the key may come from the environment', async () => {
  vi.stubEnv('PARLEY_API_KEY', '')
  expect(() => new ChatClient({ url: server.url })).toThrow(ChatError)
  vi.stubEnv('PARLEY_API_KEY', 'key-of-bob')
  vi.stubEnv('PARLEY_URL', server.url)
  await using client = await ChatClient.open()
  expect(client.me?.username).toBe('bob')
})

test('[CHAT-4] an unreachable server is tried again with growing waits, and `wake` ends one', async () => {
  const clock = createManualClock()
  server.rude.upgrade = 503
  await using client = clientOf(server, 'ann', { clock, backoff: { minDelay: 1_000, maxDelay: 4_000 } })
  client.connect().catch(() => {})
  for (const [attempt, wait] of [750, 1_500, 3_000, 3_000].entries()) {
    await clock.asked(wait)
    expect(client.state).toMatchObject({
      state: 'waiting',
      attempt: attempt + 1,
      delay: wait,
      error: { code: 'UNREACHABLE' },
    })
    clock.advance(wait)
  }
  await clock.asked(3_000)
  server.rude.upgrade = undefined
  client.wake()
  await client.connect()
  expect(client.state.state).toBe('live')
})

test('[CHAT-4] a connection that lived for 10 s begins the waits anew, a shorter one goes on with them', async () => {
  const clock = createManualClock()
  await using client = await openClient(server, 'ann', { clock, backoff: { minDelay: 1_000, maxDelay: 60_000 } })
  const again = async (lived: number, wait: number) => {
    clock.advance(lived)
    server.cut()
    await clock.asked(wait)
    clock.advance(wait)
    await clientUntil(client, () => client.state.state === 'live')
  }
  await again(9_999, 750)
  await again(9_999, 1_500)
  await again(10_000, 750)
})

test('[CHAT-4] a server that fails while the client catches up is tried again', async () => {
  let failures = 0
  server.rude.refuse = ({ type }) => (type === 'rooms' && failures++ === 0 ? { code: 'INTERNAL_ERROR' } : undefined)
  await using client = await openClient(server, 'ann')
  expect(failures).toBe(2)
  expect(client.state.state).toBe('live')
})

test('[CHAT-4] it comes back however often it is cut off', async () => {
  await using client = await openClient(server, 'ann')
  for (let i = 0; i < 3; i++) {
    server.cut()
    await clientUntil(client, () => client.state.state !== 'live')
    await clientUntil(client, () => client.state.state === 'live')
  }
})

test('[CHAT-4] an attempt that nobody answers ends after the timeout, and close() calls one off', async () => {
  const clock = createManualClock()
  server.rude.mute = true
  const client = clientOf(server, 'ann', { clock, timeout: 7_000 })
  const connecting = failure(client.connect())
  await clock.asked(7_000)
  clock.advance(7_000)
  await clientUntil(client, () => client.state.state === 'waiting')
  expect(client.state).toMatchObject({ error: { message: 'Failed to connect: no answer within 7000 ms' } })
  await client.close()
  expect(await connecting).toMatchObject({ code: 'CLOSED' })
  expect(clock.waits()).toEqual([])
})

test('[CHAT-5] a request that has no answer in time fails; one under way when the connection is lost is sent again', async () => {
  const clock = createManualClock()
  server.makeRoom('team', ['ann'])
  await using client = clientOf(server, 'ann', { clock, timeout: 5_000 })
  const connecting = client.connect()
  await connecting
  server.rude.deaf = new Set(['who'])
  const error = failure(client.who([]))
  await clock.asked(5_000)
  clock.advance(5_000)
  expect(await error).toMatchObject({ code: 'TIMEOUT', retryable: true })

  server.rude.cutBeforeAnswer = 'history'
  const page = client.room('team').history()
  await clientUntil(client, () => client.state.state === 'waiting')
  client.wake()
  expect(await page).toMatchObject({ messages: [] })
  expect(server.sent('history')).toHaveLength(2)
})

test('[CHAT-5] refusals are errors with the code, whether it may help to try again, and when', async () => {
  await using client = await openClient(server, 'ann')
  const refuse = async (code: string, retry_after?: number) => {
    server.rude.refuse = () => (retry_after === undefined ? { code } : { code, retry_after })
    return failure(client.direct({ username: 'bob' }))
  }
  expect(await refuse('USER_UNKNOWN')).toMatchObject({ code: 'USER_UNKNOWN', retryable: false, retryAfter: undefined })
  expect(await refuse('RATE_LIMIT', 7)).toMatchObject({ code: 'RATE_LIMIT', retryable: true, retryAfter: 7 })
  expect(await refuse('BUSY')).toMatchObject({ code: 'BUSY', retryable: true })
})

test('[CHAT-6] what a listener throws goes to the listeners of errors and stops nothing', async () => {
  const room = server.makeRoom('team', ['ann'])
  await using client = await openClient(server, 'ann')
  const errors: Error[] = []
  client.on('error', ({ error }) => void errors.push(error))
  client.room('team').on('message', () => {
    throw new Error('mine')
  })
  const next = client.room('team').messages[Symbol.asyncIterator]().next()
  server.say(room, 'bob', 'hello')
  expect((await next).value?.content).toBe('hello')
  await clientUntil(client, () => errors.length > 0)
  expect(errors).toEqual([new Error('mine')])
})

test('[CHAT-6] frames that nobody knows, and what is none, are passed over', async () => {
  const room = server.makeRoom('team', ['ann'])
  await using client = await openClient(server, 'ann')
  for (const socket of server.of('ann')) {
    for (const text of [
      '{',
      '[]',
      '{"type":"news","data":{}}',
      '{"type":"chat"}',
      '{"type":"typing","data":{"room":7}}',
    ])
      socket.send(text)
    // A new kind of event takes its place in the log.
    socket.send(
      JSON.stringify({ type: 'pinned', data: { room: room.uuid, seq: 1 }, room_id: 'team', message_id: null }),
    )
  }
  room.log.push({ type: 'gone', data: { seq: 1 } })
  server.say(room, 'bob', 'hello')
  await clientUntil(client, () => client.room('team').messages.list.length === 1)
  expect(server.sent('resume')).toHaveLength(1)
})

test.each([
  ['http://chat.example', 'http://chat.example/api/v1', 'ws://chat.example/api/v1/ws/ws'],
  ['wss://chat.example/api/v1/ws/ws', 'https://chat.example/api/v1', 'wss://chat.example/api/v1/ws/ws'],
  ['https://example.org/chat/', 'https://example.org/chat/api/v1', 'wss://example.org/chat/api/v1/ws/ws'],
])('[CHAT-7] the URL %s leads to %s and %s', (url, http, socket) => {
  expect(chatPlaceOf(url)).toEqual({ http, socket })
})

test.each(['', 'localhost:8000', 'ftp://x', 'http://', 'http://x?y=1'])('[CHAT-7] %j is no URL of a server', url => {
  expect(() => new ChatClient({ url, token: 't' })).toThrow(ChatError)
})
