import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AgentsOptions, BooksWriterWebSocket } from '../../src/agents/index.ts'
import { type Agents, openAgents } from '../fixture/agents.ts'
import { createManualClock, type ManualClock } from '../fixture/clock.ts'

let server: Agents
let clock: ManualClock
const open: BooksWriterWebSocket[] = []
beforeEach(async () => {
  server = await openAgents()
  clock = createManualClock()
})
afterEach(async () => {
  for (const ws of open.splice(0)) ws.close()
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

/** A client that writes down what its handlers and its log are told. */
function clientOf(id = 's-1', options: AgentsOptions = {}) {
  const told: unknown[] = []
  const log: unknown[] = []
  const waiting = new Set<() => void>()
  const changed = () => {
    for (const look of [...waiting]) look()
  }
  const tell = (one: unknown) => {
    told.push(one)
    changed()
  }
  const write = (...words: unknown[]) => {
    log.push(words.join(' '))
    changed()
  }
  const ws = new BooksWriterWebSocket(id, {
    url: server.url,
    clock,
    logger: { log: write, error: write },
    ...options,
  })
  open.push(ws)
  ws.onConnected = () => tell('connected')
  ws.onDisconnected = ({ code }) => tell(`disconnected ${code}`)
  ws.onStreamChunk = ({ chunk_id, content }) => tell(`${chunk_id} ${content}`)
  ws.onAgentSwitch = ({ to_agent }) => tell(`-> ${to_agent}`)
  ws.onToolExecution = ({ tool_name, progress }) => tell(`${tool_name} ${progress}`)
  ws.onCompletion = ({ results }) => tell(results)
  ws.onError = ({ message }) => tell(`! ${message}`)
  ws.onSessionRestored = ({ messages }) => tell(`${messages.length} messages`)
  ws.onModelSwitched = ({ current_model }) => tell(current_model)
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
  return { ws, told, log, until }
}

async function connected(id?: string, options?: AgentsOptions) {
  const client = clientOf(id, options)
  client.ws.connect()
  await client.until(() => client.told.includes('connected'))
  client.told.length = 0
  return client
}

test('[CLIENT-70] it connects to the session, and every frame goes to the handler of its type', async () => {
  const { ws, told, until } = await connected('s-1', { token: 'a&b' })
  expect(server.urls).toEqual(['/ws/s-1?token=a%26b'])
  const answer = server.answer('s-1')
  answer.chunk('I will')
  answer.switchTo('PlotGeneratorAgent')
  answer.tool('executing', 0.5)
  answer.complete({ title: 'The Last Stand' })
  ws.switchModel('m-2')
  ws.switchModel('nothing')
  ws.restoreSession()
  await until(() => told.length === 7)
  expect(told).toEqual([
    '1 I will',
    '-> PlotGeneratorAgent',
    'save_plot 0.5',
    { agents_used: ['PlotGeneratorAgent'], title: 'The Last Stand' },
    'm-2',
    '! Model not found: nothing',
    '1 messages',
  ])
})

test.each([
  ['http://chat.example', 'ws://chat.example/ws'],
  ['https://example.org/chat/', 'wss://example.org/chat/ws'],
  ['ws://localhost:8000/ws/', 'ws://localhost:8000/ws'],
])('[CLIENT-70] the URL %s leads to %s', async (url, place) => {
  const ws = new BooksWriterWebSocket('a b', { url, logger: { log: () => {}, error: () => {} } })
  ws.maxReconnectAttempts = 0
  ws.connect()
  expect(ws.ws?.url).toBe(`${place}/a%20b`)
  ws.close()
})

test.each(['', 'localhost:8000', 'ftp://x', 'http://x?y=1'])('[CLIENT-70] %j is no URL of a server', url => {
  expect(() => new BooksWriterWebSocket('s', { url })).toThrow(TypeError)
})

test('[CLIENT-70] handlers may be methods of a subclass, and so may what calls them', async () => {
  const seen: unknown[] = []
  class Mine extends BooksWriterWebSocket {
    override onConnected() {
      seen.push('connected')
      this.sendMessage('Hi', 'ann')
    }
    override handleMessage(frame: Parameters<BooksWriterWebSocket['handleMessage']>[0]) {
      seen.push(frame.type)
      return super.handleMessage(frame)
    }
  }
  const ws = new Mine('s-2', { url: server.url, logger: { log: () => {}, error: () => {} } })
  open.push(ws)
  ws.connect()
  await server.until(() => server.questions().length === 1)
  expect(seen[0]).toBe('connected')
  expect(server.frames[0]).toMatchObject({ user_id: 'ann' })
})

test('[CLIENT-70] what is unknown is logged, what is no frame is an error, and neither stops anything', async () => {
  const { ws, told, log, until } = await connected()
  for (const text of ['{', '[]', 'null', '{"type":7}', '{"type":"news","content":"x"}', '{"type":"toString"}'])
    server.push(text)
  server.answer('s-1').chunk('on')
  await until(() => told.includes('1 on'))
  expect(told.filter(one => one !== '1 on')).toEqual(Array(4).fill('! The server sent something that is no frame'))
  expect(log).toContain('Unknown message type: news')
  expect(log).toContain('Unknown message type: toString')
  ws.onStreamChunk = () => Promise.reject(new Error('later'))
  ws.onCompletion = () => {
    throw new Error('at once')
  }
  const answer = server.answer('s-1')
  answer.chunk('x')
  answer.complete()
  await until(() => log.filter(line => String(line).startsWith('A handler failed')).length === 2)
  expect(log).toContain('A handler failed: Error: at once')
})

test('[CLIENT-71] a message is a frame with label and time; without a connection it is logged and dropped', async () => {
  const early = clientOf('s-1')
  early.ws.sendMessage('lost')
  expect(early.log).toEqual(['WebSocket is not connected'])
  const { ws } = await connected()
  ws.sendMessage('Create a novel')
  await server.until(() => server.frames.length === 1)
  const { timestamp, ...frame } = server.frames[0] ?? {}
  expect(frame).toEqual({ type: 'message', content: 'Create a novel', user_id: 'anonymous' })
  expect(new Date(String(timestamp)).toISOString()).toBe(timestamp)
})

test('[CLIENT-72] after the n-th failure in a row it waits n seconds, five times, and an open connection counts anew', async () => {
  const { ws, told, until } = await connected()
  server.cut(1000)
  await clock.asked(1_000)
  expect(ws.reconnectAttempts).toBe(1)
  clock.advance(1_000)
  await until(() => told.includes('connected'))
  expect(ws.reconnectAttempts).toBe(0)
  await server[Symbol.asyncDispose]()
  for (const wait of [1_000, 2_000, 3_000, 4_000, 5_000]) {
    await clock.asked(wait)
    expect(clock.waits()).toEqual([wait])
    clock.advance(wait)
  }
  await until(() => told.filter(one => one === 'disconnected 1006').length === 6)
  expect(clock.waits()).toEqual([])
  expect([ws.reconnectAttempts, ws.maxReconnectAttempts, ws.reconnectDelay]).toEqual([5, 5, 1_000])
})

test('[CLIENT-72] closing the socket itself is a close like any other', async () => {
  const { ws, told, until } = await connected()
  ws.ws?.close()
  await clock.asked(1_000)
  clock.advance(1_000)
  await until(() => told.includes('connected'))
})

test('[CLIENT-72] close() is final: connected, connecting, and while it waits; until connect() is called', async () => {
  const { ws, told, until } = await connected()
  ws.close()
  await until(() => told.includes('disconnected 1000'))
  ws.connect()
  ws.close()
  await until(() => told.includes('disconnected 1006'))
  expect(clock.waits()).toEqual([])
  ws.connect()
  await until(() => told.includes('connected'))
  server.cut()
  await clock.asked(1_000)
  ws.close()
  ws.handleReconnection()
  expect(clock.waits()).toEqual([])
})

test('[CLIENT-72] there is one connection at a time, and nothing is heard from one that was left', async () => {
  const { ws, told, until } = await connected()
  ws.connect()
  ws.close()
  ws.connect()
  ws.connect()
  await until(() => told.includes('connected'))
  await server.until(() => server.open() === 1)
  expect(server.urls).toHaveLength(2)
  expect(told).toEqual(['connected'])
})

test('[CLIENT-73] a failed connection is an error with a message, without the token', async () => {
  const { ws, told, log, until } = clientOf('s-1', { url: 'ws://127.0.0.1:9', token: 'secret' })
  const faults: unknown[] = []
  ws.onError = fault => faults.push(fault)
  ws.connect()
  await until(() => told.length > 0)
  expect(faults).toMatchObject([{ message: 'The connection failed', event: { type: 'error' } }])
  expect(JSON.stringify([told, log, faults])).not.toContain('secret')
})

test('[CLIENT-73] an id that the server refuses ends in a failed connection', async () => {
  const { ws, told, until } = clientOf('no id')
  ws.connect()
  await until(() => told.length === 2)
  expect(told).toEqual(['! The connection failed', 'disconnected 1006'])
})
