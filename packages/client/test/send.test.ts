import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { NetworkError, TokenBowlWebSocket, ValueError } from '../src/index.ts'
import { openLink } from '../src/link.ts'
import { type Bowl, key, openBowl } from './fixture/bowl.ts'
import { createWitness } from './fixture/witness.ts'

let bowl: Bowl
beforeEach(async () => {
  bowl = await openBowl()
})
afterEach(() => bowl[Symbol.asyncDispose]())

const LENGTH = 'Content must be 1-10000 characters'
const NOT_CONNECTED = 'WebSocket not connected. Call connect() first.'

test('[CLIENT-6] not connected comes before a bad length', async () => {
  const ws = new TokenBowlWebSocket({ apiKey: key('ann'), baseUrl: bowl.url })
  const calls = [
    ws.sendMessage(''),
    ws.markMessageRead('m'),
    ws.markAllMessagesRead(),
    ws.markRoomMessagesRead(),
    ws.markDirectMessagesRead('bob'),
    ws.getUnreadCount(),
    ws.sendTypingIndicator(),
  ]
  for (const call of calls) await expect(call).rejects.toThrow(new ValueError(NOT_CONNECTED))
})

test('[CLIENT-6] lengths are counted in code points', async () => {
  await using ws = await TokenBowlWebSocket.open({ apiKey: key('ann'), baseUrl: bowl.url })
  await expect(ws.sendMessage('')).rejects.toThrow(new ValueError(LENGTH))
  await expect(ws.sendMessage('x'.repeat(10_001))).rejects.toThrow(new ValueError(LENGTH))
  await expect(ws.sendMessage('🎉'.repeat(10_001))).rejects.toThrow(new ValueError(LENGTH))
  // @ts-expect-error Not every caller is typed.
  await expect(ws.sendMessage(5)).rejects.toThrow(new ValueError(LENGTH))
  await ws.sendMessage('🎉'.repeat(10_000))
  await bowl.until(() => bowl.frames.length > 0)
  expect(bowl.frames).toEqual([{ from: 'ann', frame: { type: 'message', content: '🎉'.repeat(10_000) } }])
})

test('[CLIENT-7] each call sends its frame', async () => {
  await using ws = await TokenBowlWebSocket.open({ apiKey: key('ann'), baseUrl: bowl.url })
  await ws.sendMessage('\n two lines \r\n')
  await ws.sendMessage('psst', { toUsername: 'bob' })
  await ws.sendMessage('all', { toUsername: null })
  await ws.sendMessage('all', { toUsername: '' })
  await ws.markMessageRead('msg_1')
  await ws.markAllMessagesRead()
  await ws.markRoomMessagesRead()
  await ws.markDirectMessagesRead('bob')
  await ws.getUnreadCount()
  await ws.sendTypingIndicator()
  await ws.sendTypingIndicator({ toUsername: 'bob' })
  await bowl.until(() => bowl.frames.length === 11)
  expect(bowl.frames.map(({ frame }) => frame)).toEqual([
    { type: 'message', content: '\n two lines \r\n' },
    { type: 'message', content: 'psst', to_username: 'bob' },
    { type: 'message', content: 'all' },
    { type: 'message', content: 'all' },
    { type: 'mark_read', message_id: 'msg_1' },
    { type: 'mark_all_read' },
    { type: 'mark_room_read' },
    { type: 'mark_direct_read', from_username: 'bob' },
    { type: 'get_unread_count' },
    { type: 'typing' },
    { type: 'typing', to_username: 'bob' },
  ])
})

test('[CLIENT-8] a closing socket takes nothing, and says so', async () => {
  const link = await openLink({
    url: `${bowl.url.replace('http', 'ws')}/ws?api_key=${key('ann')}`,
    clock: systemClock,
    timeout: 1_000,
    silence: 1_000,
    signal: new AbortController().signal,
    onText: () => {},
  })
  const closed = link.close()
  expect(() => link.send('late', 'Failed to send message')).toThrow(
    new NetworkError('Failed to send message: the connection is closing'),
  )
  await closed
})

test('[CLIENT-16] everything sent before disconnect() arrives', async () => {
  const ws = await TokenBowlWebSocket.open({ apiKey: key('ann'), baseUrl: bowl.url })
  const texts = Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat(5_000)}`)
  for (const text of texts) await ws.sendMessage(text)
  await ws.disconnect()
  expect(bowl.messages.map(({ content }) => content)).toEqual(texts)
})

test('[CLIENT-7] the id of a sent message comes with onMessageSent', async () => {
  const witness = createWitness()
  await using ws = await TokenBowlWebSocket.open({ apiKey: key('ann'), baseUrl: bowl.url, handlers: witness })
  await ws.sendMessage('hello')
  await witness.until(({ events }) => events.length === 2)
  expect(witness.events[1]).toEqual(['messageSent', bowl.messages[0]])
})
