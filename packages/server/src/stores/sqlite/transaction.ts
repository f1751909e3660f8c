import type { DatabaseSync } from 'node:sqlite'
import type { MessageId, RoomId, UserId } from '../../core/ids.ts'
import type { RoomKind } from '../../core/room.ts'
import { query } from './connection.ts'
import { blob, uuid } from './ids.ts'
import { type LogKind, logCode } from './log-codes.ts'

/** A room's running numbers inside one transaction. Whoever changes one sets `dirty`. */
export interface RoomHead {
  readonly id: Uint8Array
  readonly kind: RoomKind
  /** The conversation of all its messages, where it has one of its own. */
  readonly conversation: number | null
  seq: number
  ordinal: number
  floor: number
  deleted: number
  lastAt: number
  lastNumber: number
  /** Time of the latest message. */
  messageAt: number
  memberCount: number
  dirty: boolean
  readonly members: Map<UserId, MemberHead | null>
}

/** A member's read state inside one transaction. Whoever changes a number sets `dirty`. */
export interface MemberHead {
  readonly user: UserId
  readonly id: Uint8Array
  readTo: number
  singles: number
  own: number
  ownRead: number
  readonly ownErased: number
  dirty: boolean
  /** The range of receipts that was touched last. */
  tail: ReceiptRange | null
}

export interface ReceiptRange {
  readonly first: number
  last: number
  /** In seconds. */
  readonly at: number
  dirty: boolean
}

/** Somebody's conversation inside one transaction. */
export interface ConversationHead {
  readonly room: RoomId
  readonly owner: UserId
  /** Time of the latest message, once one was sent in this transaction. */
  lastAt: number | null
}

/** Where a message is that is neither deleted nor erased. */
export interface Place {
  readonly room: RoomId
  readonly ordinal: number
  readonly sender: UserId
}

/**
 * What the writes of one transaction share: running numbers are read on first touch and written back once, however many
 * writes change them. Nothing is kept from one transaction to the next, since another process may write in between.
 */
export interface Transaction {
  readonly db: DatabaseSync
  /** Not the deleted. */
  room(id: RoomId): RoomHead | undefined
  member(room: RoomHead, user: UserId): MemberHead | undefined
  /** Not those that nobody owns. */
  conversation(number: number): ConversationHead | undefined
  place(message: MessageId): Place | undefined
  /** Adds a row to the room's log. `ref` is a number of what the kind is about, 0 for nothing. Moves the room's time to `at`. */
  log(room: RoomHead, kind: LogKind, ref: number, at: number): number
  /** Writes a range of receipts back, so that a statement sees it. */
  settleTail(room: RoomHead, member: MemberHead): void
  /** Writes everything back and forgets it: statements see all of it, and may change what was cached. */
  settle(): void
  /** Forgets without writing: the changes were rolled back. */
  forget(): void
}

type RoomRow = [
  kind: RoomKind,
  conversation: number | null,
  seq: number,
  ordinal: number,
  floor: number,
  deleted: number,
  lastAt: number,
  lastNumber: number,
  messageAt: number,
  memberCount: number,
]
type MemberRow = [readTo: number, singles: number, own: number, ownRead: number, ownErased: number]

/** The transaction state of a writing connection, used for one transaction after another. */
export function transactionOn(db: DatabaseSync): Transaction {
  const sql = prepare(db)
  const rooms = new Map<RoomId, RoomHead>()
  const conversations = new Map<number, ConversationHead>()
  const places = new Map<MessageId, Place>()

  function settleTail(room: RoomHead, { id, tail }: MemberHead): void {
    if (!tail?.dirty) return
    sql.putReceipts.run(room.id, id, tail.first, tail.last, tail.at)
    tail.dirty = false
  }

  function settleRoom(room: RoomHead): void {
    if (room.dirty) {
      const { seq, ordinal, floor, deleted, lastAt, lastNumber, messageAt, memberCount } = room
      sql.putRoom.run(seq, ordinal, floor, deleted, lastAt, lastNumber, messageAt, memberCount, room.id)
    }
    for (const member of room.members.values()) {
      if (!member) continue
      if (member.dirty) sql.putMember.run(member.readTo, member.singles, member.own, member.ownRead, room.id, member.id)
      settleTail(room, member)
    }
  }

  function forget(): void {
    rooms.clear()
    conversations.clear()
    places.clear()
  }

  return {
    db,
    room(id) {
      const known = rooms.get(id)
      if (known) return known
      const found = loadRoom(sql, id)
      if (found) rooms.set(id, found)
      return found
    },
    member(room, user) {
      const known = room.members.get(user)
      if (known !== undefined) return known ?? undefined
      const found = loadMember(sql, room, user)
      room.members.set(user, found ?? null)
      return found
    },
    conversation(number) {
      const known = conversations.get(number)
      if (known) return known
      const found = loadConversation(sql, number)
      if (found) conversations.set(number, found)
      return found
    },
    place(message) {
      const known = places.get(message)
      if (known) return known
      const found = loadPlace(sql, message)
      if (found) places.set(message, found)
      return found
    },
    log(room, kind, ref, at) {
      const seq = room.seq + 1
      sql.log.run(room.id, seq, logCode(kind), ref, at)
      room.seq = seq
      room.lastAt = at
      room.dirty = true
      return seq
    },
    settleTail,
    settle() {
      for (const room of rooms.values()) settleRoom(room)
      for (const [number, { lastAt }] of conversations) if (lastAt !== null) sql.putConversation.run(lastAt, number)
      forget()
    },
    forget,
  }
}

type Statements = ReturnType<typeof prepare>

function prepare(db: DatabaseSync) {
  return {
    room: query<RoomRow>(
      db,
      `SELECT kind, conversation, seq, ordinal, floor, deleted, last_at, last_number, message_at, members
       FROM rooms WHERE id = ? AND deleted_at IS NULL`,
    ),
    putRoom: db.prepare(
      `UPDATE rooms SET seq = ?, ordinal = ?, floor = ?, deleted = ?, last_at = ?, last_number = ?, message_at = ?,
         members = ? WHERE id = ?`,
    ),
    conversation: query<[room: string, owner: string]>(
      db,
      'SELECT hex(room_id), hex(owner_id) FROM conversations WHERE number = ? AND owner_id IS NOT NULL',
    ),
    putConversation: db.prepare('UPDATE conversations SET last_at = ? WHERE number = ?'),
    member: query<MemberRow>(
      db,
      'SELECT read_to, singles, own, own_read, own_erased FROM members WHERE room_id = ? AND user_id = ?',
    ),
    putMember: db.prepare(
      'UPDATE members SET read_to = ?, singles = ?, own = ?, own_read = ? WHERE room_id = ? AND user_id = ?',
    ),
    place: query<[room: string, ordinal: number, sender: string]>(
      db,
      'SELECT hex(room_id), ordinal, hex(sender_id) FROM messages WHERE id = ? AND deleted_at IS NULL',
    ),
    log: db.prepare('INSERT INTO log (room_id, seq, kind, ref, at) VALUES (?, ?, ?, ?, ?)'),
    putReceipts: db.prepare(
      `INSERT INTO receipts (room_id, user_id, first, last, at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last = excluded.last`,
    ),
  }
}

function loadRoom(sql: Statements, room: RoomId): RoomHead | undefined {
  const id = blob(room)
  const row = sql.room.one(id)
  if (!row) return undefined
  const [kind, conversation, seq, ordinal, floor, deleted, lastAt, lastNumber, messageAt, memberCount] = row
  const numbers = { seq, ordinal, floor, deleted, lastAt, lastNumber, messageAt, memberCount }
  return { id, kind, conversation, ...numbers, dirty: false, members: new Map() }
}

function loadConversation(sql: Statements, number: number): ConversationHead | undefined {
  const row = sql.conversation.one(number)
  return row && { room: uuid<RoomId>(row[0]), owner: uuid<UserId>(row[1]), lastAt: null }
}

function loadMember(sql: Statements, room: RoomHead, user: UserId): MemberHead | undefined {
  const id = blob(user)
  const row = sql.member.one(room.id, id)
  if (!row) return undefined
  const [readTo, singles, own, ownRead, ownErased] = row
  return { user, id, readTo, singles, own, ownRead, ownErased, dirty: false, tail: null }
}

function loadPlace(sql: Statements, message: MessageId): Place | undefined {
  const row = sql.place.one(blob(message))
  return row && { room: uuid<RoomId>(row[0]), ordinal: row[1], sender: uuid<UserId>(row[2]) }
}
