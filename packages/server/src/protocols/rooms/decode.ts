import type { ChatFrame } from '@parley/protocol/rooms/chat'
import type { ReadReceiptFrame } from '@parley/protocol/rooms/delivery'
import { MESSAGE_MAX, TEXTS } from '@parley/protocol/rooms/limits'
import type { JoinedFrame, JoinRoomFrame, LeaveRoomFrame } from '@parley/protocol/rooms/rooms'
import type { TypingFrame } from '@parley/protocol/rooms/typing'
import { type UpFrame, up } from '@parley/protocol/rooms/up'
import type { Joined } from '../../core/commands/rooms.ts'
import { fits } from '../../core/message.ts'
import type { AskOptions } from '../../core/run.ts'
import { timestamp } from '../timestamp.ts'
import { type Ask, ask, type Decoded } from '../view.ts'
import { type About, errorText, question, refusedText, reject } from './answers.ts'
import { left } from './encode.ts'
import { reader } from './reading.ts'
import { byLabel, frame } from './shapes.ts'
import { decodeUpload } from './uploads.ts'

const NOTHING: Decoded = { state: 'nothing' }

/** What a text frame of a documented client means. */
export const decode = reader<UpFrame>(up, understand)

function understand(frame: UpFrame): Decoded {
  switch (frame.type) {
    case 'chat':
      return decodeChat(frame)
    case 'typing':
      return decodeTyping(frame)
    case 'join_room':
      return decodeJoin(frame)
    case 'leave_room':
      return decodeLeave(frame)
    case 'read_receipt':
      return decodeReceipt(frame)
    case 'file_upload':
      return decodeUpload(frame)
    // Names of frames that only the server sends.
    case 'connect':
    case 'disconnect':
    case 'delivery_confirmation':
    case 'error':
    case 'system':
      return NOTHING
    default:
      return frame satisfies never
  }
}

/** What a frame is called, and the room it is about, by its envelope. */
export const about = (frame: {
  message_id?: string | null | undefined
  room_id?: string | null | undefined
}): About => ({
  id: frame.message_id ?? null,
  room: frame.room_id ?? null,
})

/** The text of a chat frame, or what its sender is told. */
export function textOf({ message }: ChatFrame['data'], of: About): string | (Decoded & { state: 'reject' }) {
  if (!message) return reject(TEXTS.messageRequired, 'MESSAGE_REQUIRED', of)
  // Here already, so that frames which wait for their turn hold no more than messages.
  return fits(message, MESSAGE_MAX) ? message : reject(TEXTS.messageTooLong, 'BODY_TOO_LONG', of)
}

/** What a chat frame asks of the assistant; null where none of its fields does. */
export function askOf(data: ChatFrame['data']): AskOptions | null {
  const { model_preference, system_prompt, temperature, max_tokens, conversation_id } = data
  const fields = [model_preference, system_prompt, temperature, max_tokens, conversation_id]
  if (fields.every(field => field == null)) return null
  return {
    model: model_preference ?? null,
    systemPrompt: system_prompt ?? null,
    temperature: temperature ?? null,
    maxTokens: max_tokens ?? null,
  }
}

function decodeChat(frame: ChatFrame): Decoded {
  const of = about(frame)
  const body = textOf(frame.data, of)
  if (typeof body !== 'string') return body
  return {
    state: 'write',
    write: {
      type: 'message.send',
      // A room that nobody made is answered to the sender alone.
      to: of.room === null ? { at: 'conversation' } : { at: 'room', ref: byLabel(of.room), unknown: 'alone' },
      body,
      clientId: of.id,
      onConflict: 'new',
      conversation: frame.data.conversation_id ?? null,
      ask: askOf(frame.data),
    },
  }
}

function decodeTyping({ data, room_id }: TypingFrame): Decoded {
  const room = data.room_id ?? room_id
  return room ? typing({ at: 'room', ref: byLabel(room), unknown: 'refuse' }, data.is_typing ?? false) : NOTHING
}

/** Never answered, whatever becomes of it. */
export function typing(to: Parameters<typeof question<'typing.set'>>[0]['to'], isTyping: boolean): Ask {
  return ask(
    { type: 'typing.set', to, isTyping },
    () => null,
    () => null,
  )
}

function decodeJoin(frame: JoinRoomFrame): Decoded {
  const room = frame.data.room_id ?? frame.room_id
  if (!room) return roomRequired(about(frame))
  return join(room, frame.data.room_name ?? room, frame.data.room_type ?? 'private', about(frame).id)
}

export const roomRequired = (of: About): Decoded => reject(TEXTS.roomRequired, 'INVALID_MESSAGE', of)

/** Goes into a room. */
export const join = (label: string, name: string, kind: string, id: string | null): Ask =>
  ask(
    { type: 'room.join', label, name, kind },
    joined => frame('join_room', joinedData(joined), { at: Date.now(), room: label, id }),
    // Whatever the reason, the document has one text.
    refusal =>
      refusal.code === 'role_forbids'
        ? errorText(TEXTS.accessDenied, 'ROOM_ACCESS_DENIED', { id, room: label })
        : refusedText(refusal, { id, room: label }),
  )

export const joinedData = ({ room, people, members, joinedAt }: Joined): JoinedFrame['data'] => ({
  room_id: room.label ?? '',
  room_name: room.name,
  room_type: room.kind === 'group' || room.kind === 'private' ? room.kind : 'shared',
  participants: people.map(({ id }) => id),
  participants_count: members,
  joined_at: timestamp(joinedAt),
})

function decodeLeave(frame: LeaveRoomFrame): Decoded {
  const room = frame.data.room_id ?? frame.room_id
  if (!room) return roomRequired(about(frame))
  const of = { id: about(frame).id, room }
  return question({ type: 'room.leave', ref: byLabel(room) }, of, ({ room, at }) => ({
    ...left(room, at),
    message_id: of.id,
  }))
}

function decodeReceipt({ data }: ReadReceiptFrame): Decoded {
  if (data.message_id == null) return NOTHING
  return { state: 'write', write: { type: 'read.message', id: String(data.message_id) } }
}
