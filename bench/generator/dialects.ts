import { textIn } from './content.ts'
import { roomsDialect, roomsLevel2Dialect } from './rooms.ts'

/** What a frame from the server is, as far as the load generator cares. `aside`: nothing that is counted. */
export type Kind = 'chat' | 'sent' | 'marked' | 'receipt' | 'ping' | 'error' | 'aside' | 'other'

/** How a server's clients talk: everything the generator has to know about a wire. */
export interface Dialect {
  /** What the server is waited for with after the upgrade, and what a client says before, if anything; undefined where nobody greets. */
  readonly greeting: Greeting | undefined
  /** The answer to a frame of kind `ping`. */
  readonly pong: string
  /** Text frames longer than the messages' text by more than this are messages, all others are not. */
  readonly overhead: number
  /** Whether a sender's own messages come back to it as messages, besides the ack. */
  readonly echoes: boolean
  /** Whether a mark is answered to whoever made it. Where it is not, its receipt shows that it arrived. */
  readonly confirmsMarks: boolean
  /** What stands before the label of a message in its ack. */
  readonly ackMark: string
  /** `label` names the message; `room` is the sender's. */
  chat(content: string, label: string, room: number, to: string | undefined): string
  /** Marks the message in this frame. */
  markRead(payload: Buffer): string
  kind(payload: Buffer): Kind
}

export interface Greeting {
  readonly say: string | undefined
  /** What the frame starts with after which the server takes frames. */
  readonly expect: string
}

export type DialectName = 'token-bowl' | 'socket-io' | 'rooms' | 'rooms-2'

const KINDS: Record<string, Kind> = {
  message: 'chat',
  message_sent: 'sent',
  marked_read: 'marked',
  read_receipt: 'receipt',
  ping: 'ping',
  error: 'error',
}

/** The servers whose acks hold the whole message. */
const plain = { overhead: 0, echoes: false, confirmsMarks: true, ackMark: '"content":"' } as const

const body = (content: string, to: string | undefined): object =>
  to === undefined ? { content } : { content, to_username: to }

/** The id of the message in a frame: the first key that is exactly `id`. */
const messageIdIn = (payload: Buffer): string => textIn(payload, '"id":"')

const tokenBowl: Dialect = {
  ...plain,
  greeting: undefined,
  pong: '{"type":"pong"}',
  chat: (content, _label, _room, to) => JSON.stringify(body(content, to)),
  markRead: payload => JSON.stringify({ type: 'mark_read', message_id: messageIdIn(payload) }),
  kind(payload) {
    const start = payload.toString('latin1', 0, 32)
    if (start.startsWith('{"type":"')) return KINDS[start.slice(9, start.indexOf('"', 9))] ?? 'other'
    if (start.startsWith('{"id":"')) return 'chat'
    const { type } = JSON.parse(payload.toString()) as { type?: string }
    return type === undefined ? 'chat' : (KINDS[type] ?? 'other')
  },
}

/** Engine.IO 4 carries a packet type (2 ping, 3 pong, 4 message), Socket.IO adds its own (0 connect, 2 event). */
const socketIo: Dialect = {
  ...plain,
  greeting: { say: '40', expect: '40' },
  pong: '3',
  chat: (content, _label, _room, to) => `42${JSON.stringify(['message', body(content, to)])}`,
  markRead: payload => `42${JSON.stringify(['mark_read', { message_id: messageIdIn(payload) }])}`,
  kind(payload) {
    const start = payload.toString('latin1', 0, 32)
    if (start === '2') return 'ping'
    return start.startsWith('42["') ? (KINDS[start.slice(4, start.indexOf('"', 4))] ?? 'other') : 'other'
  },
}

export const dialects: Record<DialectName, Dialect> = {
  'token-bowl': tokenBowl,
  'socket-io': socketIo,
  rooms: roomsDialect,
  'rooms-2': roomsLevel2Dialect,
}
