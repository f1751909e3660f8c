import { expect, test } from 'vitest'
import { ERRORS } from '../src/errors.ts'
import { CODES, DOCUMENTED_CODES, WIRE_CODES } from '../src/rooms/codes.ts'
import { downFrame } from '../src/rooms/down.ts'
import { messagesQuery, pageQuery } from '../src/rooms/level2/endpoints.ts'
import { REQUEST_ID_MAX } from '../src/rooms/level2/limits.ts'
import { up as level2 } from '../src/rooms/level2/up.ts'
import { MAX_CHUNK_BYTES, MAX_FRAME_BYTES } from '../src/rooms/limits.ts'
import { up } from '../src/rooms/up.ts'
import { uploadInit } from '../src/rooms/uploads.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

const user = '0199c1f0-11d7-7c02-9a1f-64c1e0f7a2d3'

test('[WIRE-3] a frame of rooms without data has empty data, null means absent, and what is not known is dropped', () => {
  for (const frame of [{}, { data: null, room_id: null, message_id: null }, { data: { colour: 'red' }, colour: 'red' }])
    expect(up.chat.parse(frame).data).toEqual({})
  expect(up.typing.parse({ data: { is_typing: true, room_id: null, x: 1 } }).data).toEqual({
    is_typing: true,
    room_id: null,
  })
})

test('[WIRE-3] a frame of rooms is refused where data is no object or a field is of the wrong kind', () => {
  for (const frame of [{ data: [] }, { data: 'x' }, { data: {}, message_id: 5 }, { data: {}, room_id: 5 }])
    for (const schema of Object.values(up)) expect(accepts(schema, frame)).toBe(false)
  for (const data of [
    { message: 5 },
    { temperature: 2.1 },
    { max_tokens: 0 },
    { max_tokens: 1.5 },
    { conversation_id: 'a' },
  ])
    expect(accepts(up.chat, { data })).toBe(false)
})

test('[WIRE-4] the server has words of its own for a missing message, and for what is wrong with an upload', () => {
  for (const data of [{}, { message: null }, { message: '' }, { message: 'x'.repeat(20_000) }])
    expect(accepts(up.chat, { data })).toBe(true)
  expect(up.file_upload.parse({ data: { upload_type: 7, file_size: 'big' } }).data).toEqual({
    upload_type: 7,
    file_size: 'big',
  })
  expect(uploadInit.parse({ file_name: 'a.pdf', file_size: -1 })).toEqual({
    file_name: 'a.pdf',
    file_size: -1,
    mime_type: 'application/octet-stream',
  })
})

test('[WIRE-3] a message is marked read by the UUID of what people wrote or by the number of an answer', () => {
  for (const message_id of [user, 456]) expect(accepts(up.read_receipt, { data: { message_id } })).toBe(true)
})

test('[WIRE-3] at level 2 a request id has 1 to 128 characters, and a chat needs one', () => {
  const data = { message: 'hi' }
  expect(accepts(level2.chat, { data })).toBe(false)
  expect(accepts(level2.chat, { data, message_id: '👍'.repeat(REQUEST_ID_MAX) })).toBe(true)
  for (const schema of Object.values(level2))
    for (const message_id of ['', 'x'.repeat(REQUEST_ID_MAX + 1)])
      if (schema !== up.connect) expect(accepts(schema, { data, message_id, room_id: 'a' })).toBe(false)
})

test('[WIRE-3] at level 2 a frame about a room needs it, and one about people a reference', () => {
  for (const type of ['history', 'room', 'change_room', 'read_to'] as const) {
    expect(accepts(level2[type], {})).toBe(false)
    expect(accepts(level2[type], { room_id: 'kitchen' })).toBe(true)
  }
  expect(accepts(level2.open_direct, {})).toBe(false)
  expect(accepts(level2.open_direct, { data: { user_id: user } })).toBe(true)
  expect(accepts(level2.who, {})).toBe(false)
  expect(level2.cancel_run.safeParse({}).error?.issues[0]?.path).toEqual(['data', 'run_id'])
})

test('[WIRE-3] at level 2 a history is before, after or around a place, not two of them', () => {
  const frame = (data: object) => ({ room_id: 'kitchen', data })
  expect(accepts(level2.history, frame({ before: 3 }))).toBe(true)
  expect(accepts(level2.history, frame({ before: 3, around: 0 }))).toBe(false)
  expect(accepts(messagesQuery, { after: '3' })).toBe(true)
  expect(accepts(messagesQuery, { after: '3', before: '9' })).toBe(false)
})

test('[WIRE-5] limits of lists are clamped at level 2', () => {
  expect(level2.rooms.parse({}).data).toEqual({ offset: 0, limit: 100 })
  expect(level2.rooms.parse({ data: { offset: -1, limit: 1e6 } }).data).toEqual({ offset: 0, limit: 200 })
  expect(level2.history.parse({ room_id: 'a', data: { limit: 0 } }).data).toEqual({ limit: 1 })
  expect(pageQuery.parse({ limit: '900', offset: '20' })).toEqual({ limit: 200, offset: 20 })
  expect(accepts(pageQuery, { limit: 'many' })).toBe(false)
})

test('[WIRE-6] a frame of a rooms server has every key of the envelope and of its data, and no other', () => {
  const frame = {
    type: 'leave_room',
    data: { room_id: 'kitchen', left_at: '2026-01-02T03:04:05.678Z' },
    room_id: 'kitchen',
    message_id: null,
    timestamp: '2026-01-02T03:04:05.678Z',
    user_id: user,
  }
  expect(accepts(downFrame, frame)).toBe(true)
  for (const key of Object.keys(frame)) expect(accepts(downFrame, { ...frame, [key]: undefined })).toBe(false)
  expect(accepts(downFrame, { ...frame, seq: 1 })).toBe(false)
  expect(accepts(downFrame, { ...frame, data: { ...frame.data, seq: 1 } })).toBe(false)
  expect(accepts(downFrame, { ...frame, timestamp: '2026-01-02T03:04:05.678+00:00' })).toBe(false)
})

test('[WIRE-1] a code of rooms is a documented one, or the reason in upper case', () => {
  const documented = new Set<string>(DOCUMENTED_CODES)
  expect(Object.keys(WIRE_CODES).toSorted()).toEqual(Object.keys(ERRORS).toSorted())
  for (const [code, wire] of Object.entries(WIRE_CODES))
    expect(documented.has(wire) || wire === code.toUpperCase(), code).toBe(true)
  expect(new Set(CODES)).toEqual(new Set([...DOCUMENTED_CODES, ...Object.values(WIRE_CODES)]))
})

test('[WIRE-3] a chunk of the greatest size fits a frame', () => {
  const data = { upload_type: 'chunk', file_id: user, chunk_index: 999, total_chunks: 1000, chunk_data: '' }
  const frame = JSON.stringify({ type: 'file_upload', data, room_id: '👍'.repeat(255), message_id: 'x'.repeat(255) })
  expect(Buffer.byteLength(frame) + Math.ceil(MAX_CHUNK_BYTES / 3) * 4).toBeLessThan(MAX_FRAME_BYTES)
})
