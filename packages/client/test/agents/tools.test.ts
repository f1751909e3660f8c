import { once } from 'node:events'
import { ConnectionManager, validateMessage as check, MessageBatcher, RateLimiter } from '@parley/client/agents'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Agents, openAgents } from '../fixture/agents.ts'
import { createManualClock, type ManualClock } from '../fixture/clock.ts'

let server: Agents
let clock: ManualClock
beforeEach(async () => {
  server = await openAgents()
  clock = createManualClock()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

const quiet = { log: () => {}, error: () => {} }
const manager = () => new ConnectionManager({ url: server.url, clock, logger: quiet })

/** Connected, and greeted: what comes after that is no traffic of the test's. */
async function opened(manager: ConnectionManager, id: string) {
  const ws = manager.createConnection(id)
  const hear = ws.handleMessage.bind(ws)
  const greeted = new Promise<void>(resolve => {
    ws.handleMessage = frame => (frame.type === 'connection_established' ? resolve() : hear(frame))
  })
  ws.connect()
  await greeted
  return ws
}

test('[CLIENT-76] a connection that is made is not connected, and is the same until it is closed', async () => {
  const all = manager()
  expect([all.heartbeatInterval, all.maxIdleTime]).toEqual([30_000, 300_000])
  const ws = all.createConnection('s-1')
  expect(ws.ws).toBeNull()
  expect(all.createConnection('s-1')).toBe(ws)
  expect(clock.waits()).toEqual([30_000])
  all.closeConnection('s-1')
  all.closeConnection('s-1')
  expect([all.connections.size, clock.waits()]).toEqual([0, []])
  expect(all.createConnection('s-1')).not.toBe(ws)
})

test('[CLIENT-76] it sends a heartbeat every 30 s, and closes for good what was idle for 5 minutes', async () => {
  const all = manager()
  const ws = await opened(all, 's-1')
  for (let sent = 1; sent <= 10; sent++) {
    clock.advance(30_000)
    await server.until(() => server.questions().length === sent)
  }
  expect(new Set(server.questions())).toEqual(new Set(['ping']))
  expect(server.sessionOf('s-1').history).toEqual([])
  const closed = new Promise(resolve => (ws.onDisconnected = resolve))
  clock.advance(30_000)
  expect(all.connections.size).toBe(0)
  await closed
  expect(clock.waits()).toEqual([])
})

test('[CLIENT-76] what comes and goes keeps a connection, its own heartbeats and their answers don’t', async () => {
  const all = manager()
  const ws = await opened(all, 's-1')
  clock.advance(180_000)
  ws.sendMessage('Hello')
  expect(all.connections.get('s-1')?.lastActivity).toBe(180_000)
  clock.advance(180_000)
  const heard = new Promise(resolve => (ws.onStreamChunk = resolve))
  server.answer('s-1').chunk('Hi')
  await heard
  expect(all.connections.get('s-1')?.lastActivity).toBe(360_000)
  clock.advance(300_000)
  expect(all.connections.size).toBe(1)
  clock.advance(30_000)
  expect(all.connections.size).toBe(0)
})

test('[CLIENT-76] there is no heartbeat without a connection', async () => {
  const words: unknown[] = []
  const log = (...said: unknown[]) => words.push(said)
  const all = new ConnectionManager({ url: server.url, clock, logger: { log, error: log } })
  all.createConnection('s-1')
  clock.advance(90_000)
  expect(words).toEqual([])
  all.closeConnection('s-1')
})

async function socket() {
  const ws = new WebSocket(`${server.url}/ws/s-1`)
  await once(ws, 'open')
  return ws
}
const message = (content: string) => ({ type: 'message', content, timestamp: '2025-01-28T10:30:00Z' })
const batches = () => server.frames.map(({ messages }) => (messages as { content: string }[]).map(one => one.content))

test('[CLIENT-77] ten messages are a batch at once, fewer 100 ms after the first', async () => {
  const batcher = new MessageBatcher(await socket(), undefined, undefined, clock)
  for (let i = 0; i < 10; i++) batcher.queueMessage(message(`${i}`))
  await server.until(() => server.frames.length === 1)
  expect(clock.waits()).toEqual([])
  batcher.queueMessage(message('a'))
  clock.advance(60)
  batcher.queueMessage(message('b'))
  expect(clock.waits()).toEqual([40])
  clock.advance(40)
  batcher.queueMessage(message('c'))
  batcher.flush()
  batcher.flush()
  await server.until(() => server.frames.length === 3)
  expect(batches()).toEqual([Array.from('0123456789'), ['a', 'b'], ['c']])
  expect(server.frames[0]).toMatchObject({ type: 'batch', timestamp: expect.any(String) })
  expect(clock.waits()).toEqual([])
})

test('[CLIENT-77] what the socket can’t take yet is sent when it can, and stays where it never can', async () => {
  const ws = new WebSocket(`${server.url}/ws/s-1`)
  const batcher = new MessageBatcher(ws, 2, 50, clock)
  batcher.queueMessage(message('a'))
  batcher.queueMessage(message('b'))
  await once(ws, 'open')
  clock.advance(50)
  await server.until(() => server.frames.length === 1)
  ws.close()
  await once(ws, 'close')
  for (let i = 0; i < 150; i++) batcher.queueMessage(message('c'))
  clock.advance(50)
  expect([batcher.messageQueue.length, clock.waits()]).toEqual([150, []])
  batcher.ws = await socket()
  batcher.flush()
  await server.until(() => server.frames.length === 3)
  expect(batches().map(({ length }) => length)).toEqual([2, 100, 50])
})

test.each([
  [{ ...message('x') }, undefined],
  [{ ...message('x'), type: 'ping' }, undefined],
  [{ ...message('👍'.repeat(10_000)) }, undefined],
  [{ content: 'x', timestamp: '' }, 'Missing required field: type'],
  [{ type: 'message', timestamp: '' }, 'Missing required field: content'],
  [{ type: 'message', content: 'x' }, 'Missing required field: timestamp'],
  [Object.create(message('x')), 'Missing required field: type'],
  [null, 'Missing required field: type'],
  ['text', 'Missing required field: type'],
  [{ ...message('x'), type: 'batch' }, 'Invalid message type: batch'],
  [{ ...message('x'.repeat(10_001)) }, 'Message content too long'],
  [{ ...message('x'), timestamp: 'soon' }, 'Invalid timestamp format'],
  [{ ...message('x'), timestamp: null }, 'Invalid timestamp format'],
])('[CLIENT-78] a frame is checked: %#', (data, problem) => {
  if (problem === undefined) expect(check(data)).toBe(true)
  else expect(() => check(data)).toThrow(new Error(problem))
})

test('[CLIENT-79] 60 messages of a session in any 60 s; the 61st may go when the first is 60 s old', () => {
  const limiter = new RateLimiter(undefined, undefined, clock)
  for (let i = 0; i < 60; i++) {
    expect(limiter.checkLimit('a')).toBe(true)
    clock.advance(500)
  }
  expect([limiter.checkLimit('a'), limiter.checkLimit('b')]).toEqual([false, true])
  clock.advance(29_999)
  expect(limiter.checkLimit('a')).toBe(false)
  clock.advance(1)
  expect([limiter.checkLimit('a'), limiter.checkLimit('a')]).toEqual([true, false])
})

test('[CLIENT-79] no window ever has more than the limit, and what is refused is not counted', () => {
  const step = fc.record({ wait: fc.nat(40), session: fc.constantFrom('a', 'b', 'c') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), steps => {
      const time = createManualClock()
      const limiter = new RateLimiter(3, 100, time)
      const sent: { readonly at: number; readonly session: string }[] = []
      for (const { wait, session } of steps) {
        time.advance(wait)
        const at = time.now()
        const recent = sent.filter(one => one.session === session && at - one.at < 100)
        const mayOne = limiter.checkLimit(session)
        expect(mayOne).toBe(recent.length < 3)
        if (mayOne) sent.push({ at, session })
      }
    }),
  )
})
