import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AuthenticationError, NetworkError, TokenBowlClient, TokenBowlWebSocket, ValueError } from '../src/index.ts'
import { placeOf } from '../src/token-bowl/place.ts'
import { type Bowl, key, openBowl } from './fixture/bowl.ts'
import { createManualClock } from './fixture/clock.ts'
import { createWitness, times } from './fixture/witness.ts'

let bowl: Bowl
beforeEach(async () => {
  bowl = await openBowl()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await bowl[Symbol.asyncDispose]()
})

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    error => error,
  )

test('[CLIENT-1] without a key nothing is sent', async () => {
  vi.stubEnv('TOKEN_BOWL_CHAT_API_KEY', '')
  const socket = await failure(new TokenBowlWebSocket({ baseUrl: bowl.url }).connect())
  const http = await failure(new TokenBowlClient({ baseUrl: bowl.url }).getUsers())
  for (const error of [socket, http]) {
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toHaveProperty('message', expect.stringMatching(/^API key required/))
  }
  expect(bowl.heard).toEqual([])
})

test('[CLIENT-1] the key comes from the environment when none is given', async () => {
  vi.stubEnv('TOKEN_BOWL_CHAT_API_KEY', key('ann'))
  vi.stubEnv('TOKEN_BOWL_BASE_URL', bowl.url)
  await using _ws = await TokenBowlWebSocket.open()
  expect(bowl.of('ann')).toHaveLength(1)
  expect(await new TokenBowlClient().getMyProfile()).toMatchObject({ username: 'ann' })
})

test('[CLIENT-2] a refused key is an AuthenticationError', async () => {
  const error = await failure(new TokenBowlWebSocket({ apiKey: 'wrong', baseUrl: bowl.url }).connect())
  expect(error).toBeInstanceOf(AuthenticationError)
  expect(error).toHaveProperty('message', 'Invalid API key')
})

test('[CLIENT-2] another status is a NetworkError with that status', async () => {
  bowl.rude.upgrade = 503
  bowl.rude.answer = { status: 503, body: '{"detail":"Server is full"}' }
  const error = await failure(new TokenBowlWebSocket({ apiKey: key('ann'), baseUrl: bowl.url }).connect())
  expect(error).toBeInstanceOf(NetworkError)
  expect(error).toHaveProperty('message', 'Connection failed with status 503')
})

test('[CLIENT-2] a server that answers requests but no upgrade is a NetworkError', async () => {
  bowl.rude.upgrade = 400
  const error = await failure(new TokenBowlWebSocket({ apiKey: key('ann'), baseUrl: bowl.url }).connect())
  expect(error).toBeInstanceOf(NetworkError)
  expect(error).toHaveProperty('message', expect.stringMatching(/^Connection failed with status 200/))
})

test('[CLIENT-2] nobody there is a NetworkError that says why', async () => {
  const { url } = bowl
  await bowl[Symbol.asyncDispose]()
  const error = await failure(new TokenBowlWebSocket({ apiKey: key('ann'), baseUrl: url }).connect())
  bowl = await openBowl()
  expect(error).toBeInstanceOf(NetworkError)
  expect(error).toHaveProperty('message', expect.stringMatching(/^Failed to connect: .*ECONNREFUSED/))
})

test.each([false, true])('[CLIENT-2] with reconnect=%s the first attempt is not repeated', async reconnect => {
  const witness = createWitness()
  const ws = new TokenBowlWebSocket({ apiKey: 'wrong', baseUrl: bowl.url, reconnect, handlers: witness })
  expect(await failure(ws.connect())).toHaveProperty('message', 'Invalid API key')
  expect(ws.isConnected).toBe(false)
  expect(witness.events).toEqual([])
  expect(await ws.closed()).toBeInstanceOf(AuthenticationError)
})

test('[CLIENT-3] errors do not contain the key', async () => {
  const secret = key('nobodyElse')
  bowl.rude.upgrade = 500
  const { url } = bowl
  const errors = [await failure(new TokenBowlWebSocket({ apiKey: secret, baseUrl: url }).connect())]
  await bowl[Symbol.asyncDispose]()
  errors.push(await failure(new TokenBowlWebSocket({ apiKey: secret, baseUrl: url }).connect()))
  errors.push(await failure(new TokenBowlWebSocket({ apiKey: secret, baseUrl: 'ws://a b' }).connect()))
  bowl = await openBowl()
  for (const error of errors) {
    expect(error).toBeInstanceOf(NetworkError)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret)
  }
})

test('[CLIENT-3] a key with characters that no key has is refused without repeating it', () => {
  for (const apiKey of ['key\nof', 'ключ', 'key of']) {
    const make = () => new TokenBowlWebSocket({ apiKey })
    expect(make).toThrow(ValueError)
    expect(make).not.toThrow(apiKey)
  }
})

test('[CLIENT-3] a line break after a pasted key does no harm', async () => {
  await using ws = await TokenBowlWebSocket.open({ apiKey: `${key('ann')}\n`, baseUrl: bowl.url })
  expect(ws.isConnected).toBe(true)
})

test.each([
  ['ws://localhost:8000', 'http://localhost:8000', 'ws://localhost:8000/ws'],
  ['http://localhost:8000/', 'http://localhost:8000', 'ws://localhost:8000/ws'],
  ['wss://chat.example/ws', 'https://chat.example', 'wss://chat.example/ws'],
  ['https://chat.example/ws/', 'https://chat.example', 'wss://chat.example/ws'],
  ['https://example.org/chat//', 'https://example.org/chat', 'wss://example.org/chat/ws'],
])('[CLIENT-4] the base URL %s leads to %s and %s', (baseUrl, http, socket) => {
  expect(placeOf(baseUrl)).toEqual({ http, socket })
})

test('[CLIENT-4] without a base URL it is the environment or this machine, never elsewhere', () => {
  vi.stubEnv('TOKEN_BOWL_BASE_URL', '')
  expect(placeOf(undefined)).toEqual({ http: 'http://localhost:8000', socket: 'ws://localhost:8000/ws' })
  vi.stubEnv('TOKEN_BOWL_BASE_URL', 'wss://chat.example')
  expect(placeOf(undefined)).toEqual({ http: 'https://chat.example', socket: 'wss://chat.example/ws' })
})

test.each(['', 'localhost:8000', 'ftp://localhost', 'ws://', 'ws://localhost?x=1'])(
  '[CLIENT-4] %j is no base URL',
  baseUrl => {
    expect(() => new TokenBowlWebSocket({ apiKey: 'k', baseUrl })).toThrow(ValueError)
  },
)

test('[CLIENT-5] connect() twice makes one connection and one onConnect', async () => {
  const witness = createWitness()
  await using ws = new TokenBowlWebSocket({ apiKey: key('ann'), baseUrl: bowl.url, handlers: witness })
  await Promise.all([ws.connect(), ws.connect()])
  await ws.connect()
  expect(ws.isConnected).toBe(true)
  expect(times(witness, 'connect')).toBe(1)
  expect(bowl.of('ann')).toHaveLength(1)
})

test('[CLIENT-5] an attempt that nobody answers ends after the timeout', async () => {
  bowl.rude.mute = true
  const clock = createManualClock()
  const ws = new TokenBowlWebSocket({ apiKey: key('ann'), baseUrl: bowl.url, timeout: 7_000, clock })
  const connecting = failure(ws.connect())
  await clock.asked(7_000)
  clock.advance(7_000)
  expect(await connecting).toHaveProperty('message', 'Failed to connect: no answer within 7000 ms')
  expect(clock.waits()).toEqual([])
})

test('[CLIENT-5] disconnect() calls a pending attempt off', async () => {
  bowl.rude.mute = true
  const witness = createWitness()
  const ws = new TokenBowlWebSocket({ apiKey: key('ann'), baseUrl: bowl.url, handlers: witness })
  const connecting = failure(ws.connect())
  await ws.disconnect()
  expect(await connecting).toBeInstanceOf(NetworkError)
  expect(await ws.closed()).toBeUndefined()
  expect(witness.events).toEqual([])
})

test('[CLIENT-5] after disconnect() it connects again', async () => {
  const witness = createWitness()
  const ws = new TokenBowlWebSocket({ apiKey: key('ann'), baseUrl: bowl.url, handlers: witness })
  await ws.connect()
  const leaving = ws.disconnect()
  expect(ws.isConnected).toBe(false)
  await Promise.all([leaving, ws.connect()])
  expect(ws.isConnected).toBe(true)
  expect(witness.events.map(([name]) => name)).toEqual(['connect', 'disconnect', 'connect'])
  await ws.disconnect()
})
