import { type UpType, up } from '@parley/protocol/token-bowl/up'
import type { ZodObject } from 'zod'

/** A frame that no good client sends, and what the server has to say to it; null for a frame that is never answered. */
export interface Rubbish {
  readonly up: string
  readonly down: RegExp | null
}

const error = (text: RegExp): RegExp => new RegExp(`^\\{"type":"error","error":"${text.source}"\\}$`, 'su')

const UNKNOWN = '00000000-0000-7000-8000-000000000000'

/** JSON that is nested deeper than a recursive function can follow. */
const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth)

const HOSTILE_TEXTS = [
  'nobody',
  '__proto__',
  'constructor',
  "' OR 1=1 --",
  'a\u0000b',
  '\u202eevil\u2066',
  '\ud800',
  '\u{1f469}\u200d\u{1f4bb}',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '%s%n%x',
  'x'.repeat(5_000),
]

const WRONG: readonly string[] = [
  '5',
  '-1',
  '1.5',
  '1e300',
  '1e999',
  '-0',
  '123456789012345678901234567890',
  'true',
  'false',
  '""',
  '[]',
  '["a"]',
  '[null]',
  '[{"__proto__":1}]',
  '{}',
  '{"a":1}',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":null,"valueOf":null}',
  '{"toJSON":1,"then":2}',
  deep('[', ']', 500),
  deep('{"a":', '}', 500).replace(':}', ':1}'),
  ...HOSTILE_TEXTS.map(text => JSON.stringify(text)),
]

type Oracle = (value: unknown) => RegExp | null | 'fine'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const notFound =
  (what: string): Oracle =>
  () =>
    error(new RegExp(`${what} .* not found`, 's'))
const required =
  (field: string, text: Oracle): Oracle =>
  value =>
    isText(value) ? text(value) : error(new RegExp(`Missing ${field} field`))
const integer =
  (field: string): Oracle =>
  value =>
    Number.isSafeInteger(value) ? 'fine' : error(new RegExp(`${field}: .*`, 's'))
const title =
  (field: string): Oracle =>
  value =>
    isText(value) && value.length <= 200 ? 'fine' : error(new RegExp(`${field}: .*`, 's'))
const description: Oracle = value => (isText(value) ? 'fine' : error(/description: .*/s))
const messageIds: Oracle = value => {
  if (!Array.isArray(value)) return error(/message_ids: .*/s)
  return value.length === 0 ? 'fine' : error(/Invalid message ID format/)
}
const since: Oracle = () => error(/Invalid timestamp format\. Use ISO 8601 format\./)
const silent: Oracle = () => null
const page = { limit: integer('limit'), offset: integer('offset') }
const conversation = required('conversation_id', notFound('Conversation'))

/** What a member is told for each field of each frame, by its value. */
const ORACLES: { readonly [T in UpType]: Readonly<Record<string, Oracle>> } = {
  message: {
    content: value => {
      if (value === '') return error(/Missing content field/)
      return typeof value === 'string' ? 'fine' : error(/Content must be 1-10000 characters/)
    },
    to_username: value => (value === '' ? 'fine' : notFound('User')(value)),
  },
  mark_read: { message_id: required('message_id', notFound('Message')) },
  mark_all_read: {},
  mark_room_read: {},
  mark_direct_read: { from_username: required('from_username', () => 'fine') },
  get_unread_count: {},
  typing: { to_username: silent },
  pong: {},
  ping: {},
  get_messages: { ...page, since },
  get_direct_messages: { ...page, since },
  get_unread_messages: page,
  get_unread_direct_messages: page,
  get_users: {},
  get_online_users: {},
  get_user_profile: { username: required('username', notFound('User')) },
  create_conversation: { title: title('title'), description, message_ids: messageIds },
  get_conversations: page,
  get_conversation: { conversation_id: conversation },
  update_conversation: {
    conversation_id: conversation,
    title: title('title'),
    description,
    message_ids: messageIds,
  },
  delete_conversation: { conversation_id: conversation },
  delete_message: { message_id: required('message_id', () => error(/Only admins can delete messages/)) },
}

/** The other fields of a frame of which one is wrong. */
const REST: { readonly [T in UpType]?: object } = {
  message: { content: 'a' },
  update_conversation: { conversation_id: UNKNOWN },
}

/** A wrong value for every field of every frame that the schemas know. */
function wrongFields(): Rubbish[] {
  return Object.entries<ZodObject>(up).flatMap(([type, schema]) => {
    const oracles = ORACLES[type as UpType] // the keys of `up` are the types
    return Object.keys(schema.shape).flatMap(field => {
      const oracle = oracles[field]
      if (!oracle) throw new Error(`nothing says what a wrong ${field} of ${type} is answered with`)
      return WRONG.flatMap(value => {
        const down = oracle(JSON.parse(value))
        const rest = JSON.stringify({ ...REST[type as UpType], type }).slice(0, -1)
        return down === 'fine' ? [] : [{ up: `${rest},"${field}":${value}}`, down }]
      })
    })
  })
}

const NO_JSON = [
  '',
  ' ',
  '{',
  '}',
  '[',
  '{"type":"ping"',
  '{"type":"ping"}}',
  '{"type":"ping"}{"type":"ping"}',
  "{'type':'ping'}",
  '{type:"ping"}',
  '{"type":"ping",}',
  '{"type":undefined}',
  '{"type":NaN}',
  '{"content":"a\nb"}',
  '{"content":"\\x41"}',
  '{"content":"\\ud8"}',
  '\ufeff{"type":"ping"}',
  '\u0000',
  'null',
  'true',
  '5',
  '"ping"',
  '[{"type":"ping"}]',
  '<xml/>',
  'GET / HTTP/1.1',
  deep('[', ']', 5_000),
  '['.repeat(5_000),
]

const TYPES = [
  '""',
  '5',
  'true',
  '[]',
  '["ping"]',
  '{}',
  '{"toString":null}',
  deep('[', ']', 5_000),
  ...HOSTILE_TEXTS.map(text => JSON.stringify(text)),
  '"PING"',
  '"ping "',
  '"toString"',
  '"hasOwnProperty"',
]

/** Frames that are fine although something strange is in them. */
const STRANGE: readonly Rubbish[] = [
  '{"type":"ping","__proto__":{"type":"dance"}}',
  '{"__proto__":{"type":"ping"},"type":"ping"}',
  '{"type":"ping","constructor":{"prototype":{"polluted":true}}}',
  '{"type":"dance","type":"ping"}',
  ' \n {"type":"ping"} \t ',
  `{"type":"ping","x":${deep('[', ']', 5_000)}}`,
].map(up => ({ up, down: /^\{"type":"pong"\}$/ }))

/** Everything, once. None of it stores anything. */
export const corpus: readonly Rubbish[] = [
  ...NO_JSON.map(up => ({ up, down: error(/Invalid JSON/) })),
  ...TYPES.map(type => ({ up: `{"type":${type},"content":"a"}`, down: error(/Unknown message type: .*/s) })),
  ...wrongFields(),
  ...STRANGE,
  { up: JSON.stringify({ content: 'x'.repeat(10_001) }), down: error(/Content must be 1-10000 characters/) },
  { up: '{"type":"pong","timestamp":[]}', down: null },
]

/** The few frames that are as large as frames may be: too slow to send by the thousand. */
export const giants: readonly Rubbish[] = [
  { up: deep('[', ']', 131_000), down: error(/Invalid JSON/) },
  { up: `{"type":${deep('[', ']', 131_000)}}`, down: error(/Unknown message type: array/) },
  { up: `{"content":${deep('[', ']', 131_000)}}`, down: error(/Content must be 1-10000 characters/) },
  { up: `{"content":"a","to_username":${deep('[', ']', 131_000)}}`, down: error(/User array not found/) },
  {
    up: `{"type":"create_conversation","message_ids":${deep('[', ']', 131_000)}}`,
    down: error(/Invalid message ID format/),
  },
  { up: `{"type":"get_messages","limit":${deep('[', ']', 131_000)}}`, down: error(/limit: .*/) },
  { up: `{"type":"typing","to_username":${deep('[', ']', 131_000)}}`, down: null },
  { up: `{"content":"a","to_username":"${'x'.repeat(262_000)}"}`, down: error(/User x+ not found/) },
  { up: `{"content":"${'x'.repeat(262_000)}"}`, down: error(/Content must be 1-10000 characters/) },
  { up: `{"type":"${'x'.repeat(262_000)}"}`, down: error(/Unknown message type: x+/) },
]
