import { ERRORS } from '@parley/protocol/errors'
import type { ConnectFrame, HeartbeatFrame } from '@parley/protocol/rooms/connection'
import type { DeliveredFrame } from '@parley/protocol/rooms/delivery'
import { CLOSE, MAX_FRAME_BYTES, TEXTS } from '@parley/protocol/rooms/limits'
import type { SendMessage, Sent } from '../../core/commands/sending.ts'
import type { Refusal } from '../../core/refusals.ts'
import { upgradeCredential } from '../credential.ts'
import { timestamp } from '../timestamp.ts'
import type { Decoded, Opened, View, Write } from '../view.ts'
import { errorText, refusedText } from './answers.ts'
import { decode, join } from './decode.ts'
import { encode, encodeForAsker, hides, missed, receipts, replay } from './encode.ts'
import { NOT_JSON, nameOfFrame } from './reading.ts'
import { text } from './shapes.ts'
import { words } from './words.ts'

/** What both levels of the protocol share. */
export const common = {
  family: 'rooms',
  paths: ['/api/v1/ws/ws', '/api/v1/ws'],
  maxFrame: MAX_FRAME_BYTES,
  binary: NOT_JSON,
  opening: (query: URLSearchParams): Decoded | undefined => {
    const room = query.get('room_id')
    if (!room) return undefined
    return join(room, query.get('room_name') || `Room ${room}`, query.get('room_type') ?? 'private', null)
  },
  heartbeat: (at: number): string => {
    const data: HeartbeatFrame['data'] = { heartbeat: true, server_time: timestamp(at) }
    return text('system', data, { at })
  },
  marked: () => null,
  tooFast: (seconds: number, frame: string): string =>
    errorText(TEXTS.rateLimit, 'RATE_LIMIT', nameOfFrame(frame), seconds),
  credential: upgradeCredential,
  unauthenticated: (refusal: Refusal) => {
    const { status } = ERRORS[refusal.code]
    const type = status === 401 ? 'authentication_error' : status === 429 ? 'rate_limit_error' : 'http_error'
    return {
      status,
      headers: {
        'Content-Type': 'application/json',
        ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
        ...('retryAfter' in refusal && { 'Retry-After': String(refusal.retryAfter) }),
      },
      body: JSON.stringify({ error: { code: status, message: words(refusal), type } }),
    }
  },
  revoked: [CLOSE.revoked, 'Authentication required'],
} as const satisfies Partial<View>

/** The documented protocol of rooms: people, bots and the assistant, files, and a queue for whoever was away. */
export const roomsView: View = {
  ...common,
  name: 'rooms',
  catchUp: 'queue',
  shows: ({ kind }, isChosen) => kind !== 'direct' && kind !== 'directory' && isChosen,
  decode,
  greet: opened => JSON.stringify(greeting(opened)),
  encode,
  encodeForAsker,
  replay,
  hides,
  receipts,
  missed,
  sent,
  refused,
}

function greeting({ connection, at }: Opened): object {
  const data: ConnectFrame['data'] = { connection_id: connection, status: 'connected', server_time: timestamp(at) }
  return { type: 'connect', data, room_id: null, message_id: null, timestamp: timestamp(at), user_id: null }
}

function sent({ message }: Sent, command: SendMessage): string {
  const id = command.clientId ?? message.id
  const data: DeliveredFrame['data'] = {
    message_id: id,
    id: message.id,
    status: 'delivered',
    timestamp: timestamp(message.at),
  }
  return text('delivery_confirmation', data, { at: message.at, room: labelIn(command), id })
}

function refused(refusal: Refusal, command: Write): string | null {
  // A receipt is passed over where there is nothing to mark.
  if (command.type === 'read.message') return null
  const of = { id: command.clientId ?? null, room: labelIn(command) }
  if (refusal.code === 'storage_failed') return errorText(TEXTS.chatFailed, 'INTERNAL_ERROR', of)
  if (refusal.code === 'room_unknown' || refusal.code === 'not_member')
    return errorText(TEXTS.accessDenied, 'ROOM_ACCESS_DENIED', of)
  return refusedText(refusal, of)
}

const labelIn = ({ to }: SendMessage): string | null =>
  to.at === 'room' && to.ref.by === 'label' ? to.ref.label : null
