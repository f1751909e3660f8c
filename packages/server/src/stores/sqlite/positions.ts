import type { DatabaseSync } from 'node:sqlite'
import { query } from './connection.ts'
import type { MemberHead, RoomHead, Transaction } from './transaction.ts'

/** How far one mark looks for more that is read already. What it leaves the next mark finds; counts don't depend on it. */
const FOLD_MAX = 1_000

/** Everything up to this ordinal is read or erased. */
export const positionOf = (room: RoomHead, member: MemberHead): number => Math.max(member.readTo, room.floor)

/** The member's own messages up to its position. Erased ones are the oldest, so the larger number holds the smaller. */
export const ownRead = (member: MemberHead): number => Math.max(member.ownRead, member.ownErased)

/** How far members have read: a position, up to which everything is read, and single messages above it. */
export function positionsIn(tx: Transaction) {
  const sql = prepare(tx.db)

  /** Moves the position to an ordinal up to which `own` messages are the member's own. */
  function moveTo(member: MemberHead, position: number, own: number): void {
    member.readTo = position
    member.ownRead = own
    member.dirty = true
  }

  function addSingle(room: RoomHead, member: MemberHead, ordinal: number): void {
    sql.addSingle.run(room.id, member.id, ordinal)
    member.singles++
    member.dirty = true
  }

  const isSingle = (room: RoomHead, member: MemberHead, ordinal: number): boolean =>
    member.singles > 0 && sql.isSingle.one(room.id, member.id, ordinal) !== undefined

  /** Forgets the singles up to an ordinal and returns how many there were. */
  function dropSingles(room: RoomHead, member: MemberHead, upTo: number): number {
    if (member.singles === 0) return 0
    const dropped = Number(sql.dropSingles.run(room.id, member.id, upTo).changes)
    member.singles -= dropped
    member.dirty = true
    return dropped
  }

  /** How many of the member's own messages are above `from`, up to `to`. */
  const ownBetween = (room: RoomHead, member: MemberHead, from: number, to: number): number =>
    member.own === ownRead(member) ? 0 : (sql.own.one(room.id, from, to, member.id)?.[0] ?? 0)

  /** Moves the position over own, deleted and singly read messages that follow it. */
  function fold(room: RoomHead, member: MemberHead): void {
    const position = positionOf(room, member)
    const isUnreadNext = member.own === ownRead(member) && room.deleted === 0 && member.singles === 0
    if (isUnreadNext || position === room.ordinal) return
    const end = Math.min(room.ordinal, position + FOLD_MAX)
    const unread = sql.firstUnread.one(room.id, position, end, member.id, member.id)?.[0] ?? end + 1
    if (unread === position + 1) return
    const own = ownBetween(room, member, position, unread - 1)
    dropSingles(room, member, unread - 1)
    moveTo(member, unread - 1, ownRead(member) + own)
  }

  return { moveTo, addSingle, isSingle, dropSingles, ownBetween, fold }
}

function prepare(db: DatabaseSync) {
  const found = query<[number]>
  return {
    firstUnread: found(
      db,
      `SELECT ordinal FROM messages m
       WHERE m.room_id = ? AND m.ordinal > ? AND m.ordinal <= ? AND m.sender_id <> ? AND m.deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM reads r WHERE r.room_id = m.room_id AND r.user_id = ? AND r.ordinal = m.ordinal)
       ORDER BY m.ordinal LIMIT 1`,
    ),
    own: found(
      db,
      'SELECT count(*) FROM messages WHERE room_id = ? AND ordinal > ? AND ordinal <= ? AND sender_id = ?',
    ),
    isSingle: found(db, 'SELECT 1 FROM reads WHERE room_id = ? AND user_id = ? AND ordinal = ?'),
    addSingle: db.prepare('INSERT INTO reads (room_id, user_id, ordinal) VALUES (?, ?, ?)'),
    dropSingles: db.prepare('DELETE FROM reads WHERE room_id = ? AND user_id = ? AND ordinal <= ?'),
  }
}
