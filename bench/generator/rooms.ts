import { numberIn, textIn } from './content.ts'
import type { Dialect, Kind } from './dialects.ts'

const START = '{"type":"'

const KINDS: Record<string, Kind> = {
  chat: 'chat',
  delivery_confirmation: 'sent',
  read_receipt: 'receipt',
  error: 'error',
  // What people do beside talking is not counted.
  system: 'aside',
  presence: 'aside',
  typing: 'aside',
  file_upload: 'aside',
}

/** What rooms are called here. */
export const roomLabel = (room: number): string => `room-${room}`

function typeOf(payload: Buffer): string {
  const start = payload.toString('latin1', START.length, START.length + 32)
  return start.slice(0, start.indexOf('"'))
}

/** The rooms protocol as documented: nothing greets, the server says `connect` first. */
export const roomsDialect: Dialect = {
  greeting: { say: undefined, expect: '{"type":"connect"' },
  pong: '',
  // A message has 430 bytes around its text, and every other frame to a reader has less than 350 in all.
  overhead: 200,
  echoes: false,
  confirmsMarks: false,
  ackMark: '"message_id":"',
  chat: (content, label, room) =>
    JSON.stringify({ type: 'chat', data: { message: content }, room_id: roomLabel(room), message_id: label }),
  markRead: payload =>
    JSON.stringify({ type: 'read_receipt', data: { message_id: textIn(payload, '"message_id":"') } }),
  kind: payload => KINDS[typeOf(payload)] ?? 'other',
}

/** Level 2: nothing is pushed before `resume`, everybody hears everything in the room's order, marks are positions. */
export const roomsLevel2Dialect: Dialect = {
  ...roomsDialect,
  greeting: { say: '{"type":"resume","data":{}}', expect: '{"type":"resumed"' },
  echoes: true,
  confirmsMarks: true,
  markRead: payload =>
    JSON.stringify({
      type: 'read_to',
      data: { up_to: numberIn(payload, '"ordinal":') },
      room_id: textIn(payload, '"room_id":"'),
      message_id: 'mark',
    }),
  kind(payload) {
    const type = typeOf(payload)
    // The same frame answers a mark, by its name, and tells one's other connections of it.
    if (type === 'read_state') return payload.includes('"message_id":"mark"') ? 'marked' : 'aside'
    return KINDS[type] ?? 'other'
  },
}
