import type { MessageId, RoomId, UserId } from '../../core/ids.ts'
import type { Message, MessageKind } from '../../core/message.ts'
import type { Role, User } from '../../core/user.ts'
import { uuid, uuidOrNull } from './ids.ts'

/** The columns of `messageOf`, for a table or alias `m`. */
export const MESSAGE_COLUMNS =
  'm.number, hex(m.id), hex(m.room_id), m.seq, m.ordinal, hex(m.sender_id), m.kind, m.body, m.client_id, hex(m.reply_to), m.at, m.edited_at, m.deleted_at'

export type MessageRow = [
  number: number,
  id: string,
  room: string,
  seq: number,
  ordinal: number,
  sender: string,
  kind: MessageKind,
  body: string,
  clientId: string | null,
  replyTo: string,
  at: number,
  editedAt: number | null,
  deletedAt: number | null,
]

export function messageOf(row: MessageRow): Message {
  const [number, id, room, seq, ordinal, sender, kind, body, clientId, replyTo, at, editedAt, deletedAt] = row
  return {
    id: uuid<MessageId>(id),
    number,
    room: uuid<RoomId>(room),
    seq,
    ordinal,
    sender: uuid<UserId>(sender),
    kind,
    body,
    clientId,
    replyTo: uuidOrNull<MessageId>(replyTo),
    at,
    editedAt,
    deletedAt,
  }
}

/** The columns of `userOf`, for a table or alias `u`. */
export const USER_COLUMNS =
  'hex(u.id), u.name, u.role, u.email, u.webhook_url, u.logo, u.emoji, hex(u.created_by), u.created_at, u.deleted_at'

export type UserRow = [
  id: string,
  name: string,
  role: Role,
  email: string | null,
  webhookUrl: string | null,
  logo: string | null,
  emoji: string | null,
  createdBy: string,
  createdAt: number,
  deletedAt: number | null,
]

export function userOf(row: UserRow): User {
  const [id, name, role, email, webhookUrl, logo, emoji, createdBy, createdAt, deletedAt] = row
  return {
    id: uuid<UserId>(id),
    name,
    role,
    email,
    webhookUrl,
    logo,
    emoji,
    createdBy: uuidOrNull<UserId>(createdBy),
    createdAt,
    deletedAt,
  }
}
