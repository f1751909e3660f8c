import { expect, test } from 'vitest'
import { registerBody } from '../src/token-bowl/accounts.ts'
import { conversationBody, getConversationsFrame } from '../src/token-bowl/conversations.ts'
import { downFrame } from '../src/token-bowl/down.ts'
import { CONTENT_MAX, codePoints, LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from '../src/token-bowl/limits.ts'
import { historyFrame, type MessageResponse, messageBody } from '../src/token-bowl/messages.ts'
import { conversationPageQuery, pageQuery } from '../src/token-bowl/pages.ts'
import { timestamp } from '../src/token-bowl/text.ts'
import { up } from '../src/token-bowl/up.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

const message: MessageResponse = {
  id: 'msg_1',
  from_user_id: 'u1',
  from_username: 'ann',
  from_user_logo: null,
  from_user_emoji: null,
  from_user_bot: false,
  to_user_id: null,
  to_username: null,
  content: 'hi',
  message_type: 'room',
  description: '',
  timestamp: '2026-01-02T03:04:05.678Z',
}

test('[WIRE-2] lengths are counted in code points, not UTF-16 units', () => {
  expect(codePoints('a👍🏽')).toBe(3)
  expect(accepts(messageBody, { content: '👍'.repeat(CONTENT_MAX) })).toBe(true)
  expect(accepts(messageBody, { content: '👍'.repeat(CONTENT_MAX + 1) })).toBe(false)
  expect(accepts(messageBody, { content: 'x'.repeat(CONTENT_MAX + 1) })).toBe(false)
  expect(accepts(messageBody, { content: '' })).toBe(false)
})

test('[WIRE-2] content keeps its line breaks and outer spaces', () => {
  expect(messageBody.parse({ content: '\n a \r\n' }).content).toBe('\n a \r\n')
})

test('[WIRE-3] a body is strict about types, takes null for absent and drops what it does not know', () => {
  expect(accepts(messageBody, { content: 5 })).toBe(false)
  expect(accepts(registerBody, { username: 'ann', admin: 'true' })).toBe(false)
  expect(messageBody.parse({ content: 'a', to_username: null, colour: 'red' })).toEqual({
    content: 'a',
    to_username: null,
  })
})

test('[WIRE-3] a bot takes no logo', () => {
  expect(accepts(registerBody, { username: 'ann', logo: 'grok.png' })).toBe(true)
  expect(accepts(registerBody, { username: 'ann', logo: 'grok.png', bot: true })).toBe(false)
  expect(accepts(registerBody, { username: 'ann', logo: 'grok.png', role: 'bot' })).toBe(false)
})

test.each([
  ['http://localhost:9000/hook', true],
  ['https://example.org', true],
  ['ftp://example.org', false],
  ['javascript:alert(1)', false],
  ['/hook', false],
  [`https://example.org/${'x'.repeat(2083)}`, false],
])('[WIRE-3] the webhook %.30s is taken: %s', (webhook_url, taken) => {
  expect(accepts(registerBody, { username: 'ann', webhook_url })).toBe(taken)
})

test('[WIRE-4] a frame may hold anything where the server has words of its own for it', () => {
  for (const content of [undefined, null, 5, '', [], {}, 'x'.repeat(CONTENT_MAX + 1)]) {
    expect(accepts(up.message, { content })).toBe(true)
  }
  expect(accepts(up.typing, { to_username: 7 })).toBe(true)
})

test('[WIRE-5] limits of lists are clamped; those of conversations in a query are not', () => {
  expect(historyFrame.parse({})).toEqual({ limit: LIST_LIMIT_DEFAULT, offset: 0 })
  expect(historyFrame.parse({ limit: 1e6, offset: -1 })).toEqual({ limit: LIST_LIMIT_MAX, offset: 0 })
  expect(pageQuery.parse({ limit: '0' })).toEqual({ limit: 1, offset: 0 })
  expect(accepts(pageQuery, { limit: 'many' })).toBe(false)
  expect(accepts(pageQuery, { offset: '-1' })).toBe(false)
  expect(conversationPageQuery.parse({ limit: '100', offset: '20' })).toEqual({ limit: 100, offset: 20 })
  expect(accepts(conversationPageQuery, { limit: '101' })).toBe(false)
  expect(getConversationsFrame.parse({ limit: 101 })).toEqual({ limit: 100, offset: 0 })
})

test('[WIRE-3] the ids of messages in a conversation are UUIDs of any version', () => {
  expect(accepts(conversationBody, { message_ids: ['019a9e4c-0b1f-7e55-9d2a-1c2d3e4f5a6b'] })).toBe(true)
  expect(accepts(conversationBody, { message_ids: ['msg_1'] })).toBe(false)
})

test.each([
  ['2026-01-02T03:04:05Z', true],
  ['2026-01-02T03:04:05.678+00:00', true],
  ['2026-01-02T03:04:05.678901Z', true],
  ['2026-01-02T03:04:05.6Z', false],
  ['2026-01-02T03:04:05', false],
])('[WIRE-7] the time %s can be parsed by every client: %s', (text, parseable) => {
  expect(accepts(timestamp, text)).toBe(parseable)
})

test('[WIRE-6] a pushed message has every key, no type and nothing else', () => {
  expect(accepts(downFrame, message)).toBe(true)
  expect(accepts(downFrame, { ...message, type: 'message' })).toBe(false)
  const { description: _, ...short } = message
  expect(accepts(downFrame, short)).toBe(false)
  expect(accepts(downFrame, { ...message, message_type: 'other' })).toBe(false)
})

test('[WIRE-6] the three answers to a mark are told apart by their keys', () => {
  const type = 'marked_read'
  expect(accepts(downFrame, { type, message_id: 'msg_1', status: 'success' })).toBe(true)
  expect(accepts(downFrame, { type, status: 'marked_read', count: 3 })).toBe(true)
  expect(accepts(downFrame, { type, status: 'marked_read', from_username: 'ann', count: 3 })).toBe(true)
  expect(accepts(downFrame, { type, status: 'marked_read' })).toBe(false)
  expect(accepts(downFrame, { type, message_id: 'msg_1', status: 'success', count: 1 })).toBe(false)
})
