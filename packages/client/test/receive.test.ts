import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type MessageResponse,
  TokenBowlError,
  TokenBowlWebSocket,
  type TokenBowlWebSocketOptions,
} from '../src/index.ts'
import { type Bowl, key, openBowl } from './fixture/bowl.ts'
import { createWitness, times, type Witness } from './fixture/witness.ts'

let bowl: Bowl
let witness: Witness
let ws: TokenBowlWebSocket
beforeEach(async () => {
  bowl = await openBowl()
  witness = createWitness()
})
afterEach(async () => {
  await ws.disconnect()
  await bowl[Symbol.asyncDispose]()
})

const open = async (options: TokenBowlWebSocketOptions = {}) => {
  ws = await TokenBowlWebSocket.open({ apiKey: key('ann'), baseUrl: bowl.url, handlers: witness, ...options })
}

/** Frames are read in order: once this one was seen, all before it were. */
async function settled() {
  const before = times(witness, 'unreadCount')
  const count = { unread_room_messages: 1, unread_direct_messages: 2, total_unread: 3 }
  bowl.push('ann', { type: 'unread_count', ...count })
  await witness.until(() => times(witness, 'unreadCount') > before)
}

const shortest = {
  id: 'm1',
  from_user_id: 'id-bob',
  from_username: 'bob',
  content: 'hi',
  message_type: 'room',
  timestamp: '2026-01-02T03:04:05.678901+00:00',
}
const whole: MessageResponse = {
  ...shortest,
  message_type: 'room',
  from_user_logo: null,
  from_user_emoji: null,
  from_user_bot: false,
  to_user_id: null,
  to_username: null,
  description: '',
}

test('[CLIENT-9] a ping is answered at once', async () => {
  await open()
  bowl.push('ann', { type: 'ping', timestamp: '2026-01-02T03:04:05Z' })
  await bowl.until(() => bowl.frames.length === 1)
  expect(bowl.frames).toEqual([{ from: 'ann', frame: { type: 'pong' } }])
})

test('[CLIENT-10] a message arrives with every field, and without unknown ones', async () => {
  await open()
  bowl.push('ann', { ...whole, from_user_emoji: '🤖', from_user_bot: true, colour: 'red' })
  await settled()
  expect(witness.events[1]).toEqual(['message', { ...whole, from_user_emoji: '🤖', from_user_bot: true }])
})

test.each([
  ['no type', shortest],
  ['the type null', { ...shortest, type: null }],
  ['an unknown type', { ...shortest, type: 'chat' }],
])('[CLIENT-10] a message may have %s and leave out what has a default', async (_, frame) => {
  await open()
  bowl.push('ann', frame)
  await settled()
  expect(witness.events[1]).toEqual(['message', whole])
})

test.each([
  ['id', { ...shortest, id: 5 }],
  ['from_user_id', { ...shortest, from_user_id: undefined }],
  ['from_username', { ...shortest, from_username: undefined }],
  ['content', { ...shortest, content: null }],
  ['content', { ...shortest, content: undefined }],
  ['message_type', { ...shortest, message_type: 'whisper' }],
  ['timestamp', { ...shortest, timestamp: 'soon' }],
])('[CLIENT-10] a message with a bad %s goes to onError: %j', async (field, frame) => {
  await open()
  bowl.push('ann', frame)
  await settled()
  expect(witness.contents()).toEqual([])
  expect(witness.errors()).toEqual([`The server sent a malformed message: bad ${field}`])
})

test.each([
  'no JSON',
  '',
  '5',
  'null',
  '[]',
  '{}',
  '{"__proto__":{"from_username":"eve","content":"x"}}',
  { type: 'news', headline: 'x' },
  { type: 'news', content: 'x' },
  { type: 'typing' },
  { type: 'read_receipt', message_id: 'm1' },
  { type: 'unread_count', total_unread: 'many' },
  { type: 'error', error: { text: 'x' } },
  { type: 'marked_read', message_id: 'm1', status: 'success' },
  { type: 'marked_all_read', marked_as_read: 3, status: 'success' },
  { type: 'messages', messages: [], pagination: { total: 0, offset: 0, limit: 50, has_more: false } },
])('[CLIENT-11] %j is ignored', async frame => {
  await open()
  bowl.push('ann', frame)
  await settled()
  expect(witness.events.map(([name]) => name)).toEqual(['connect', 'unreadCount'])
})

test('[CLIENT-11] a binary frame is ignored', async () => {
  await open()
  for (const socket of bowl.of('ann')) socket.send(Buffer.from(JSON.stringify(shortest)))
  await settled()
  expect(witness.contents()).toEqual([])
})

test('[CLIENT-11] an error frame goes to onError and ends nothing', async () => {
  await open()
  bowl.push('ann', { type: 'error', error: 'User eve not found' })
  await settled()
  expect(witness.events[1]).toEqual(['error', new TokenBowlError('User eve not found')])
  expect(ws.isConnected).toBe(true)
})

test('[CLIENT-12] receipts, counts and typing reach their callbacks, in the order of the frames', async () => {
  await open()
  bowl.push('ann', { type: 'typing', username: 'bob', to_username: null })
  bowl.push('ann', { type: 'typing', username: 'bob', to_username: 'ann' })
  bowl.push('ann', shortest)
  bowl.push('ann', { type: 'read_receipt', message_id: 'm7', read_by: 'bob', read_at: '2026-01-02T03:04:05Z' })
  await settled()
  expect(witness.events).toEqual([
    ['connect'],
    ['typing', 'bob', null],
    ['typing', 'bob', 'ann'],
    ['message', whole],
    ['readReceipt', 'm7', 'bob', '2026-01-02T03:04:05Z'],
    ['unreadCount', { unread_room_messages: 1, unread_direct_messages: 2, total_unread: 3 }],
  ])
})

test('[CLIENT-12] a slow callback does not hold up the next frame', async () => {
  const never = Promise.withResolvers<void>()
  const started: string[] = []
  await open({
    onMessage: async message => {
      started.push(message.content)
      await never.promise
    },
  })
  bowl.push('ann', { ...shortest, content: 'one' })
  bowl.push('ann', { ...shortest, content: 'two' })
  await settled()
  expect(started).toEqual(['one', 'two'])
})

test.each([
  ['throws', () => expectBoom()],
  ['rejects', async () => expectBoom()],
  ['throws something that is no error', () => Promise.reject('boom')],
])('[CLIENT-12] a callback that %s is reported and stops nothing', async (_, onMessage) => {
  await open({ onMessage })
  bowl.push('ann', shortest)
  await witness.until(() => times(witness, 'error') === 1)
  expect(witness.errors()).toEqual(['boom'])
  await settled()
  expect(witness.contents()).toEqual(['hi'])
  expect(ws.isConnected).toBe(true)
})

function expectBoom(): never {
  throw new Error('boom')
}

test('[CLIENT-12] an error callback that throws stops nothing', async () => {
  let calls = 0
  await open({
    onError: async () => {
      calls++
      expectBoom()
    },
  })
  bowl.push('ann', { type: 'error', error: 'one' })
  bowl.push('ann', { type: 'error', error: 'two' })
  await settled()
  expect(calls).toBe(2)
  expect(witness.errors()).toEqual(['one', 'two'])
})

test('[CLIENT-13] methods of a handlers object are called with it as this', async () => {
  class Counter {
    seen = 0
    onMessage() {
      this.seen++
    }
  }
  const counter = new Counter()
  await open({ handlers: counter, onUnreadCount: witness.onUnreadCount })
  bowl.push('ann', shortest)
  await settled()
  expect(counter.seen).toBe(1)
})

test('[CLIENT-14] a listener hears until it is removed', async () => {
  await open()
  const heard: string[] = []
  const off = ws.on('message', message => heard.push(message.content))
  bowl.push('ann', { ...shortest, content: 'one' })
  await settled()
  off()
  bowl.push('ann', { ...shortest, content: 'two' })
  await settled()
  expect(heard).toEqual(['one'])
  expect(witness.contents()).toEqual(['one', 'two'])
})

test('[CLIENT-14] a listener added by a listener hears from the next event on', async () => {
  await open()
  const heard: string[] = []
  const off = ws.on('message', () => {
    off()
    ws.on('message', message => heard.push(message.content))
  })
  bowl.push('ann', { ...shortest, content: 'one' })
  bowl.push('ann', { ...shortest, content: 'two' })
  await settled()
  expect(heard).toEqual(['two'])
})

test('[CLIENT-14] the loop over messages() starts with its call and ends with disconnect()', async () => {
  await open()
  bowl.push('ann', { ...shortest, content: 'before' })
  await settled()
  const messages = ws.messages()
  for (const content of ['one', 'two', 'three']) bowl.push('ann', { ...shortest, content })
  await settled()
  const looped: string[] = []
  for await (const message of messages) {
    looped.push(message.content)
    if (looped.length === 2) await ws.disconnect()
  }
  expect(looped).toEqual(['one', 'two', 'three'])
})

test('[CLIENT-14] the loop over messages() throws when the connection is lost', async () => {
  await open()
  const messages = ws.messages()
  bowl.push('ann', { ...shortest, content: 'last words' })
  await settled()
  bowl.cut()
  expect(await messages.next()).toMatchObject({ value: { content: 'last words' } })
  await expect(messages.next()).rejects.toThrow('The connection was lost')
  expect(await messages.next()).toEqual({ done: true, value: undefined })
})

test('[CLIENT-14] a loop that is left early keeps nothing more', async () => {
  await open()
  bowl.push('ann', shortest)
  const messages = ws.messages()
  bowl.push('ann', shortest)
  for await (const message of messages) {
    expect(message.content).toBe('hi')
    break
  }
  expect(await messages.next()).toEqual({ done: true, value: undefined })
})

test('[CLIENT-14] messages() that nobody loops over keep nothing once they are returned', async () => {
  await open()
  const messages = ws.messages()
  await messages.return(undefined)
  bowl.push('ann', { ...shortest, content: 'unheard' })
  await settled()
  expect(await messages.next()).toEqual({ done: true, value: undefined })
})
