import type { MessageId, RoomId, RunId, UserId } from '../../core/ids.ts'
import type { Message, MessageKind } from '../../core/message.ts'
import type { AssistantRule, Room, RoomKind } from '../../core/room.ts'
import type { Role, User } from '../../core/user.ts'
import { uuid, uuidOrNull } from './ids.ts'

/** What the message belongs to: where its row says nothing, its room does. */
const CONVERSATION = 'coalesce(m.conversation, (SELECT c.conversation FROM rooms c WHERE c.id = m.room_id))'
/** The id of the run whose text the message is. */
const RUN = 'hex((SELECT g.id FROM runs g WHERE g.number = m.run))'

/** The columns of `messageOf`, for a table or alias `m`. */
export const MESSAGE_COLUMNS = `m.number, hex(m.id), hex(m.room_id), m.seq, m.ordinal, hex(m.sender_id), m.kind, m.body, m.client_id, hex(m.reply_to), ${CONVERSATION}, ${RUN}, m.at, m.edited_at, m.deleted_at`

/** Whether the room of a message `m` is there. What a deleted room held is not found, erased or not. */
export const ROOM_IS_THERE = 'NOT EXISTS (SELECT 1 FROM rooms g WHERE g.id = m.room_id AND g.deleted_at IS NOT NULL)'

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
  conversation: number | null,
  run: string,
  at: number,
  editedAt: number | null,
  deletedAt: number | null,
]

export function messageOf(row: MessageRow): Message {
  const [number, id, room, seq, ordinal, sender, kind, body, clientId, replyTo] = row
  const [, , , , , , , , , , conversation, run, at, editedAt, deletedAt] = row
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
    conversation,
    run: uuidOrNull<RunId>(run),
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

/** The columns of `roomOf`, for a table or alias `r`. */
export const ROOM_COLUMNS =
  'hex(r.id), r.kind, hex(r.pair_a), hex(r.pair_b), r.label, r.name, hex(r.owner_id), r.assistant, r.closed, r.conversation, r.created_at, r.deleted_at'

export type RoomRow = [
  id: string,
  kind: RoomKind,
  pairA: string,
  pairB: string,
  label: string | null,
  name: string,
  owner: string,
  assistant: AssistantRule,
  closed: number,
  conversation: number | null,
  createdAt: number,
  deletedAt: number | null,
]

export function roomOf(row: RoomRow): Room {
  const [id, kind, pairA, pairB, label, name, owner, assistant, closed, conversation, createdAt, deletedAt] = row
  return {
    id: uuid<RoomId>(id),
    kind,
    pair: kind === 'direct' ? [uuid<UserId>(pairA), uuid<UserId>(pairB)] : null,
    label,
    name,
    owner: uuidOrNull<UserId>(owner),
    assistant,
    isClosed: closed === 1,
    conversation,
    createdAt,
    deletedAt,
  }
}
