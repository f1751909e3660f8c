import { UPLOAD_TEXTS } from '@parley/protocol/rooms/limits'
import { up } from '@parley/protocol/rooms/up'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { character } from '../../unicode.ts'
import { openWorld } from '../../world.ts'
import type { RoomsClient, RoomsFrame } from '../client.ts'

const TYPES = Object.keys(up)
const FIELDS = [
  ...['message', 'conversation_id', 'model_preference', 'system_prompt', 'temperature', 'max_tokens'],
  ...['is_typing', 'room_id', 'room_name', 'room_type', 'message_id'],
  ...['upload_type', 'file_id', 'file_name', 'file_size', 'mime_type'],
  ...['chunk_index', 'total_chunks', 'chunk_data', 'checksum', '__proto__', 'constructor', 'toString', 'then'],
]
const TEXTS = [
  ...['', ' ', 'kitchen', 'lobby', 'dm:x', 'conversation:1', '__proto__', 'constructor', 'hasOwnProperty', 'null'],
  ...[
    "' OR 1=1 --",
    'a\u0000b',
    '\u202eevil\u2066',
    '\ud800',
    '\udc00x',
    '\u{1f469}\u200d\u{1f4bb}',
    '../../etc/passwd',
  ],
  ...['<script>', '%s%n', '@assistant', 'private', 'shared', 'group', 'init', 'chunk', 'finalize', 'cancel', 'YWJj'],
  ...['notes.txt', 'x'.repeat(300), '漢'.repeat(10_001), '00000000-0000-7000-8000-000000000000'],
]

const text = fc.constantFrom(...TEXTS)
const number = fc.constantFrom(0, -0, 1, -1, 1.5, 42, 1e300, 2 ** 53, -(2 ** 31), 52_428_801)
const simple = fc.oneof(text, number, fc.boolean(), fc.constant(null))
const value = fc.oneof({ weight: 4, arbitrary: simple }, fc.jsonValue({ maxDepth: 3 }))
const dictionary = fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string({ maxLength: 8 })), value, {
  maxKeys: 8,
})
const data = fc.oneof({ weight: 6, arbitrary: dictionary }, value)
const type = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...TYPES) }, value)
const envelope = fc.record({ type, data, room_id: value, message_id: value }, { requiredKeys: [] })
/** JSON that has these keys as its own, also where JavaScript means something else by them. */
const frame = fc.oneof(
  { weight: 8, arbitrary: envelope.map(one => JSON.stringify(one)) },
  fc.json({ maxDepth: 4 }),
  fc.string({ maxLength: 40, unit: character }),
  fc.constantFrom(
    '{"type":"chat","__proto__":{"data":{}}}',
    `${'['.repeat(5_000)}`,
    `{"data":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  ),
)

let sent = 0

/** What a frame is answered with, all of it that comes before what comes after it is answered. */
async function answersTo(client: RoomsClient, sends: string): Promise<readonly RoomsFrame[]> {
  const id = `after-${++sent}`
  client.send(sends)
  client.send({ type: 'leave_room', data: {}, message_id: id })
  return (await client.until(({ message_id }) => message_id === id)).slice(0, -1)
}

const objectOr = (json: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>) // keys of JSON are strings
      : undefined
  } catch {
    return undefined
  }
}

/** Has to hold for the answers to any frame at all. */
function check(json: string, answers: readonly RoomsFrame[]): void {
  const errors = answers.filter(({ type }) => type === 'error')
  const asked = objectOr(json)
  if (!asked) return void expect(errors.map(({ data }) => data.code)).toContain('INVALID_JSON')
  const type = asked.type ?? 'chat'
  if (typeof type !== 'string' || !TYPES.includes(type)) {
    return void expect(errors.map(({ data }) => data.code)).toContain('INVALID_TYPE')
  }
  // Whatever happened, it was the client's doing and not a fault of the server's.
  for (const { data } of errors) expect(data.code).not.toBe('INTERNAL_ERROR')
  const upload = answers.filter(({ type, data }) => type === 'file_upload' && data.upload_type === 'error')
  for (const { data } of upload) expect(data.error).not.toMatch(new RegExp(`^${UPLOAD_TEXTS.failed}`))
}

test('[ROOMS-16] whatever a client sends, it and everybody else are shown documented frames only, and nothing breaks', {
  timeout: 60_000,
}, async () => {
  await using world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const robot = await world.connect(await world.member('robot', 'bot'))
  const others = [
    await world.joinRooms(bob, { room_id: 'kitchen', room_type: 'shared' }),
    await world.joinRooms(bob, { v: '2' }),
  ]
  others[1]?.send({ type: 'resume', data: { rooms: [] } })
  others[1]?.send({ type: 'join_room', data: { room_id: 'lobby' }, message_id: 'j' })
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 10, maxLength: 60 }), async frames => {
      const client = await world.joinRooms(ada, { room_id: 'kitchen' })
      for (const sends of frames) check(sends, await answersTo(client, sends))
      client.ws.terminate()
    }),
    // To make a failure small takes longer than the test may.
    { numRuns: 100, endOnFailure: true },
  )
  for (const other of [robot, ...others]) {
    await other.pinged()
    expect(other.over).toBeUndefined()
  }
  expect({}).not.toHaveProperty('polluted')
})
