import { afterEach, beforeEach, expect, test } from 'vitest'
import { RobustWebSocket } from '../../src/agents/index.ts'
import { QUEUE_MAX, type RobustOptions } from '../../src/agents/robust.ts'
import { type Agents, openAgents } from '../fixture/agents.ts'
import { createManualClock, type ManualClock } from '../fixture/clock.ts'

let server: Agents
let clock: ManualClock
let ws: RobustWebSocket
beforeEach(async () => {
  server = await openAgents()
  clock = createManualClock()
})
afterEach(async () => {
  ws.close()
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

const quiet = { log: () => {}, error: () => {} }
function make(options: RobustOptions = {}) {
  ws = new RobustWebSocket('s-1', { url: server.url, clock, logger: quiet, ...options })
  return ws
}

test('[CLIENT-74] waits double from 1 s to 30 s, ten times, and then it says that it gave up', async () => {
  await server[Symbol.asyncDispose]()
  make().connect()
  const said: string[] = []
  const over = new Promise<void>(resolve => {
    ws.onError = ({ message }) => {
      said.push(message)
      if (message.startsWith('Failed')) resolve()
    }
  })
  for (const seconds of [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]) {
    await clock.asked(seconds * 1_000)
    expect(clock.waits()).toEqual([seconds * 1_000])
    expect(ws.isReconnecting).toBe(true)
    clock.advance(seconds * 1_000)
  }
  await over
  expect(said.at(-1)).toBe('Failed to reconnect after maximum attempts')
  expect([ws.isReconnecting, clock.waits()]).toEqual([false, []])
})

test('[CLIENT-74] waits and attempts are options', async () => {
  await server[Symbol.asyncDispose]()
  make({ maxReconnectAttempts: 3, reconnectDelay: 10, maxReconnectDelay: 70, backoffMultiplier: 5 }).connect()
  const over = new Promise<void>(resolve => {
    ws.onMaxReconnectAttemptsReached = resolve
  })
  for (const wait of [10, 50, 70]) {
    await clock.asked(wait)
    clock.advance(wait)
  }
  await over
})

test('[CLIENT-75] what is sent without a connection follows in order, before what is sent when it opens', async () => {
  make().connect()
  ws.sendMessage('one')
  ws.sendMessage('two', 'ann')
  ws.onConnected = () => {
    ws.restoreSession()
    ws.sendMessage('three')
  }
  await server.until(() => server.questions().length === 3)
  expect(server.frames.map(({ type }) => type)).toEqual(['session_restore', 'message', 'message', 'message'])
  expect(server.questions()).toEqual(['one', 'two', 'three'])
  expect(server.frames[2]).toMatchObject({ user_id: 'ann' })
  server.cut()
  await clock.asked(1_000)
  for (const text of ['four', 'five']) ws.sendMessage(text)
  expect(clock.waits()).toEqual([1_000])
  clock.advance(1_000)
  await server.until(() => server.questions().length === 6)
  expect(server.questions().slice(3)).toEqual(['four', 'five', 'three'])
  expect(ws.messageQueue).toEqual([])
})

test('[CLIENT-75] sending begins to connect; not while it connects, not after close(), and not for ever', async () => {
  make({ maxReconnectAttempts: 1 }).sendMessage('hello')
  expect(clock.waits()).toEqual([1_000])
  clock.advance(1_000)
  ws.sendMessage('again')
  expect(clock.waits()).toEqual([])
  await server.until(() => server.questions().length === 2)
  expect(server.urls).toHaveLength(1)
  ws.close()
  ws.sendMessage('later')
  expect(clock.waits()).toEqual([])
  await server.until(() => server.open() === 0)
  ws.connect()
  await server.until(() => server.questions().length === 3)
  expect(server.questions()).toEqual(['hello', 'again', 'later'])
})

test('[CLIENT-75] a message beyond 1,000 that wait is refused with a word', () => {
  make()
  const said: string[] = []
  ws.onError = ({ message }) => said.push(message)
  for (let i = 0; i <= QUEUE_MAX; i++) ws.sendMessage(`${i}`)
  expect(ws.messageQueue).toHaveLength(QUEUE_MAX)
  expect(said).toEqual(['More than 1000 messages wait for a connection'])
})
