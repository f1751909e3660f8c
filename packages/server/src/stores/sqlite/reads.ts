import type { DatabaseSync } from 'node:sqlite'
import { READ_EVENT_MAX } from '../../core/events.ts'
import type { MessageId, UserId } from '../../core/ids.ts'
import type { Marked, Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { uuid } from './ids.ts'
import { ownRead, positionOf, positionsIn } from './positions.ts'
import { receiptsOf } from './receipts.ts'
import type { MemberHead, RoomHead, Transaction } from './transaction.ts'

/** Messages marked singly that one mark of a room runs over: each is a gap between the receipts it adds. */
const SINGLES_MAX = 1_000

export function readWrites(tx: Transaction) {
  const sql = prepare(tx.db)
  const positions = positionsIn(tx)
  const ranges = receiptsOf(tx)

  /** Marks one message of another sender. False when it was read already. */
  function markOne(room: RoomHead, member: MemberHead, ordinal: number): boolean {
    const position = positionOf(room, member)
    if (ordinal <= position || positions.isSingle(room, member, ordinal)) return false
    if (ordinal === position + 1) positions.moveTo(member, ordinal, ownRead(member))
    else positions.addSingle(room, member, ordinal)
    positions.fold(room, member)
    return true
  }

  function readMessage({ user, id, at }: WriteOf<'read.message'>): Outcome<'read.message'> {
    const place = tx.place(id)
    const room = place && tx.room(place.room)
    const member = room && tx.member(room, user)
    if (!member) return refused({ code: 'message_unknown', id })
    const { ordinal, sender } = place
    if (sender === user) return done({ room: place.room, ...nothingMarked(room, member) })
    const changed = markOne(room, member, ordinal)
    const isFirst = changed || !ranges.has(room, member, ordinal)
    if (isFirst) ranges.add(room, member, ordinal, ordinal, at)
    const receipts = isFirst ? [{ id, author: sender, ordinal }] : []
    return done({ room: place.room, changed: changed ? 1 : 0, receipts, readTo: positionOf(room, member) })
  }

  /** The member's own messages after its position, up to `to`. Counted one by one only below the head. */
  function ownUpTo(room: RoomHead, member: MemberHead, to: number): number {
    const position = positionOf(room, member)
    const after = member.own - ownRead(member)
    if (after === 0 || to === room.ordinal) return after
    const isNearHead = room.ordinal - to < to - position
    return isNearHead
      ? after - positions.ownBetween(room, member, to, room.ordinal)
      : positions.ownBetween(room, member, position, to)
  }

  function newest(room: RoomHead, member: MemberHead, to: number, count: number): Marked['receipts'] {
    return sql.newest
      .all(room.id, positionOf(room, member), to, member.id, member.id, Math.min(count, READ_EVENT_MAX))
      .map(([id, author, ordinal]) => ({ id: uuid<MessageId>(id), author: uuid<UserId>(author), ordinal }))
      .reverse()
  }

  function markUpTo(room: RoomHead, member: MemberHead, to: number, at: number): Omit<Marked, 'room'> {
    const position = positionOf(room, member)
    const own = ownUpTo(room, member, to)
    const deleted = room.deleted === 0 ? 0 : (sql.deleted.one(room.id, position, to, member.id)?.[0] ?? 0)
    const singles = member.singles === 0 ? 0 : (sql.singles.one(room.id, member.id, to)?.[0] ?? 0)
    const changed = to - position - own - deleted - singles
    const named = changed > 0 ? newest(room, member, to, changed) : []
    if (changed > 0) ranges.addGaps(room, member, position + 1, to, at)
    positions.dropSingles(room, member, to)
    positions.moveTo(member, to, ownRead(member) + own)
    positions.fold(room, member)
    return { changed, receipts: named, readTo: positionOf(room, member) }
  }

  /** How far one mark may go: before the first single that is too many. */
  function partEnd(room: RoomHead, member: MemberHead): number {
    if (member.singles <= SINGLES_MAX) return room.ordinal
    const tooMany = sql.singleAfter.one(room.id, member.id, SINGLES_MAX)?.[0]
    return tooMany === undefined ? room.ordinal : tooMany - 1
  }

  function readRoom(write: WriteOf<'read.room'>): Outcome<'read.room'> {
    const room = tx.room(write.room)
    const member = room && tx.member(room, write.user)
    if (!member) return refused({ code: 'not_member' })
    const end = write.upTo === 'head' ? room.ordinal : Math.min(write.upTo, room.ordinal)
    const to = Math.min(end, partEnd(room, member))
    const marked = to > positionOf(room, member) ? markUpTo(room, member, to, write.at) : nothingMarked(room, member)
    return done({ room: write.room, ...marked, more: to < end })
  }

  return { readMessage, readRoom }
}

const nothingMarked = (room: RoomHead, member: MemberHead): Omit<Marked, 'room'> => ({
  changed: 0,
  receipts: [],
  readTo: positionOf(room, member),
})

function prepare(db: DatabaseSync) {
  const count = query<[count: number]>
  return {
    deleted: count(
      db,
      `SELECT count(*) FROM messages
       WHERE room_id = ? AND ordinal > ? AND ordinal <= ? AND sender_id <> ? AND deleted_at IS NOT NULL`,
    ),
    singleAfter: query<[ordinal: number]>(
      db,
      'SELECT ordinal FROM reads WHERE room_id = ? AND user_id = ? ORDER BY ordinal LIMIT 1 OFFSET ?',
    ),
    singles: count(db, 'SELECT count(*) FROM reads WHERE room_id = ? AND user_id = ? AND ordinal <= ?'),
    newest: query<[id: string, sender: string, ordinal: number]>(
      db,
      `SELECT hex(id), hex(sender_id), ordinal FROM messages m
       WHERE m.room_id = ? AND m.ordinal > ? AND m.ordinal <= ? AND m.sender_id <> ? AND m.deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM reads r WHERE r.room_id = m.room_id AND r.user_id = ? AND r.ordinal = m.ordinal)
       ORDER BY m.ordinal DESC LIMIT ?`,
    ),
  }
}
