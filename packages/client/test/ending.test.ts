import { afterEach, beforeEach, expect, test } from 'vitest'
import { NetworkError, TokenBowlWebSocket } from '../src/index.ts'
import { type Bowl, key, openBowl } from './fixture/bowl.ts'
import { createManualClock } from './fixture/clock.ts'
import { createWitness, times, type Witness } from './fixture/witness.ts'

let bowl: Bowl
let witness: Witness
beforeEach(async () => {
  bowl = await openBowl()
  witness = createWitness()
})
afterEach(() => bowl[Symbol.asyncDispose]())

const options = () => ({ apiKey: key('ann'), baseUrl: bowl.url, handlers: witness })

test.each([1000, 1001, 1008, 1011, 1012, 4408])(
  '[CLIENT-15] the server closing with %i is a lost connection',
  async code => {
    const ws = await TokenBowlWebSocket.open(options())
    bowl.close(code, 'so it goes')
    await witness.until(() => times(witness, 'disconnect') === 1)
    expect(ws.isConnected).toBe(false)
    expect(witness.events).toEqual([
      ['connect'],
      ['error', new NetworkError(`The connection was lost (code ${code}: so it goes)`)],
      ['disconnect'],
    ])
    expect(await ws.closed()).toBeInstanceOf(NetworkError)
    await ws.disconnect()
    expect(times(witness, 'disconnect')).toBe(1)
  },
)

test('[CLIENT-15] a cut connection is a lost connection', async () => {
  const ws = await TokenBowlWebSocket.open(options())
  bowl.cut()
  await witness.until(() => times(witness, 'disconnect') === 1)
  expect(witness.errors()).toEqual(['The connection was lost (code 1006)'])
  expect(ws.isConnected).toBe(false)
})

test('[CLIENT-15] isConnected is false in onError, and onError may connect again', async () => {
  let connected: boolean | undefined
  const ws = await TokenBowlWebSocket.open({
    ...options(),
    onError: () => {
      connected = ws.isConnected
      return ws.connect()
    },
  })
  bowl.cut()
  await witness.until(() => times(witness, 'connect') === 2)
  expect(connected).toBe(false)
  expect(times(witness, 'disconnect')).toBe(1)
  await ws.disconnect()
})

test('[CLIENT-16] disconnect() closes with 1000 and calls onDisconnect once', async () => {
  const ws = await TokenBowlWebSocket.open(options())
  const code = new Promise(resolve => bowl.of('ann')[0]?.on('close', resolve))
  await Promise.all([ws.disconnect(), ws.disconnect()])
  await ws.disconnect()
  expect(await code).toBe(1000)
  expect(witness.events).toEqual([['connect'], ['disconnect']])
  expect(await ws.closed()).toBeUndefined()
})

test('[CLIENT-16] disconnect() without a connection does nothing', async () => {
  await new TokenBowlWebSocket(options()).disconnect()
  expect(witness.events).toEqual([])
})

test('[CLIENT-16] nothing is delivered after disconnect() was called', async () => {
  const ws = await TokenBowlWebSocket.open({ ...options(), onMessage: () => ws.disconnect() })
  bowl.store('bob', 'one')
  bowl.store('bob', 'two')
  await witness.until(() => times(witness, 'disconnect') === 1)
  expect(witness.contents()).toEqual(['one'])
})

test('[CLIENT-16] disconnect() waits 2 s for a peer that does not answer', async () => {
  const clock = createManualClock()
  const ws = await TokenBowlWebSocket.open({ ...options(), clock })
  for (const socket of bowl.of('ann')) socket.pause()
  const leaving = ws.disconnect()
  await clock.asked(2_000)
  clock.advance(2_000)
  await leaving
  expect(witness.events).toEqual([['connect'], ['disconnect']])
  expect(clock.waits()).toEqual([])
})

test('[CLIENT-17] use() connects, answers what its function does, and disconnects', async () => {
  const answer = await TokenBowlWebSocket.use(options(), async ws => {
    expect(ws.isConnected).toBe(true)
    return 42
  })
  expect(answer).toBe(42)
  expect(witness.events).toEqual([['connect'], ['disconnect']])
})

test('[CLIENT-17] use() disconnects when its function throws', async () => {
  const failing = TokenBowlWebSocket.use(options(), () => Promise.reject(new Error('boom')))
  await expect(failing).rejects.toThrow('boom')
  expect(witness.events).toEqual([['connect'], ['disconnect']])
})

test('[CLIENT-17] use() throws what connecting does', async () => {
  const failing = TokenBowlWebSocket.use({ ...options(), apiKey: 'wrong' }, () => 1)
  await expect(failing).rejects.toThrow('Invalid API key')
})

test('[CLIENT-17] an aborted signal ends use() cleanly while its function waits for ever', async () => {
  const stop = new AbortController()
  const code = Promise.withResolvers<number>()
  const answer = await TokenBowlWebSocket.use({ ...options(), signal: stop.signal }, async () => {
    for (const socket of bowl.of('ann')) socket.on('close', code.resolve)
    stop.abort()
    await new Promise(() => {})
  })
  expect(answer).toBeUndefined()
  expect(await code.promise).toBe(1000)
  expect(witness.events).toEqual([['connect'], ['disconnect']])
})

test('[CLIENT-17] a signal that aborts before or while connecting ends use() without calling its function', async () => {
  bowl.rude.mute = true
  const run = (signal: AbortSignal) => TokenBowlWebSocket.use({ ...options(), signal }, () => 'ran')
  expect(await run(AbortSignal.abort())).toBeUndefined()
  const stop = new AbortController()
  const connecting = run(stop.signal)
  stop.abort()
  expect(await connecting).toBeUndefined()
  expect(witness.events).toEqual([])
})

test('[CLIENT-17] await using disconnects', async () => {
  {
    await using ws = await TokenBowlWebSocket.open(options())
    expect(ws.isConnected).toBe(true)
  }
  expect(witness.events).toEqual([['connect'], ['disconnect']])
})

test('[CLIENT-18] 90 s of silence is a lost connection, and a frame ends a silence', async () => {
  const clock = createManualClock()
  await TokenBowlWebSocket.open({ ...options(), clock })
  clock.advance(89_000)
  bowl.store('bob', 'still here')
  await witness.until(() => witness.contents().length === 1)
  clock.advance(89_999)
  expect(times(witness, 'error')).toBe(0)
  clock.advance(1)
  await witness.until(() => times(witness, 'disconnect') === 1)
  expect(witness.errors()).toEqual(['The connection was lost (code 1006: nothing heard for 90000 ms)'])
})
