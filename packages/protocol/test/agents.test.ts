import { expect, test } from 'vitest'
import { downFrame } from '../src/agents/down.ts'
import { BATCH_MAX, CONTENT_MAX, isTime, SESSION_ID } from '../src/agents/limits.ts'
import { up } from '../src/agents/up.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

const timestamp = '2025-01-28T10:30:02.000Z'

test('[WIRE-3] a frame for the agents: null means absent, and what is not known is dropped', () => {
  const frame = { type: 'message', content: 'Hi', options: null, context: null, colour: 'red' }
  expect(up.message.parse(frame)).toEqual({ content: 'Hi', options: null, context: null })
  expect(up.message.parse({ content: 'Hi', options: { stream: false, model: null, x: 1 } }).options).toEqual({
    stream: false,
    model: null,
  })
  for (const schema of [up.ping, up.session_restore]) expect(schema.parse({ content: 'x', timestamp: 'y' })).toEqual({})
})

test('[WIRE-3] a frame for the agents is refused where a field is of the wrong kind', () => {
  for (const frame of [{ content: 5 }, { content: 'x', options: 'fast' }, { content: 'x', options: { stream: 'no' } }])
    expect(accepts(up.message, frame)).toBe(false)
  expect(accepts(up.batch, {})).toBe(false)
  expect(accepts(up.batch, { messages: Array(BATCH_MAX).fill('x') })).toBe(true)
  expect(accepts(up.batch, { messages: Array(BATCH_MAX + 1).fill('x') })).toBe(false)
})

test('[WIRE-4] the server has words of its own for content, time and label', () => {
  for (const content of [undefined, null, '', ' ', 'x'.repeat(CONTENT_MAX + 1)])
    expect(accepts(up.message, { content, timestamp: 'soon', user_id: 7 })).toBe(true)
})

test('[WIRE-4] a time is what Date reads', () => {
  for (const time of [timestamp, '2025-01-28T10:30:00Z', '2025-01-28', 1738060200000]) expect(isTime(time)).toBe(true)
  for (const time of ['soon', '', null, undefined, true, {}, Number.NaN]) expect(isTime(time)).toBe(false)
})

test.each([
  ['session-k3j2', true],
  [`a${'_'.repeat(49)}`, true],
  ['a'.repeat(51), false],
  ['', false],
  ['a b', false],
  ['a/b', false],
  ['a\n', false],
])('[WIRE-3] %j names a session: %s', (id, isGood) => {
  expect(SESSION_ID.test(id)).toBe(isGood)
})

const switched = { type: 'agent_switch', from_agent: 'A', to_agent: 'B', reason: 'because', timestamp }
const running = { role: 'assistant', content: 'so', agent: 'A', timestamp, streaming: true, chunk_id: 2 }
const whole = { role: 'user', content: 'why', agent: null, timestamp }
const restored = {
  type: 'session_restored',
  session_id: 's',
  messages: [whole, running],
  current_model: 'm',
  current_agent: null,
  timestamp,
}

test('[WIRE-6] a frame of the agents has every key, and nothing else', () => {
  expect(accepts(downFrame, switched)).toBe(true)
  expect(accepts(downFrame, { ...switched, colour: 'red' })).toBe(false)
  const { reason: _, ...short } = switched
  expect(accepts(downFrame, short)).toBe(false)
})

test('[WIRE-6] only the last item of a restored session may be running, and says how far it is', () => {
  expect(accepts(downFrame, restored)).toBe(true)
  expect(accepts(downFrame, { ...restored, messages: [running, whole] })).toBe(false)
  const { chunk_id: _, ...lost } = running
  expect(accepts(downFrame, { ...restored, messages: [whole, lost] })).toBe(false)
})

test('[WIRE-6] an error of the agents says its text three times', () => {
  const error = {
    type: 'error',
    error_code: 'SESSION_BUSY',
    message: 'x',
    error: 'x',
    content: 'x',
    details: {},
    timestamp,
  }
  expect(accepts(downFrame, error)).toBe(true)
  expect(accepts(downFrame, { ...error, content: 'y' })).toBe(false)
  expect(accepts(downFrame, { ...error, error_code: 'OTHER' })).toBe(false)
})
