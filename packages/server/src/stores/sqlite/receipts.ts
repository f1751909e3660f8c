import type { DatabaseSync } from 'node:sqlite'
import type { MessageId, UserId } from '../../core/ids.ts'
import { type Query, query } from './connection.ts'
import { blob, uuid } from './ids.ts'
import { ROOM_IS_THERE } from './rows.ts'
import type { MemberHead, RoomHead, Transaction } from './transaction.ts'

type RangeRow = [first: number, last: number, at: number]
type ReaderRow = [id: Uint8Array, hex: string]

/** The last range of a reader in a room that begins at or below an ordinal: the only one that may hold it. */
const rangeBeforeIn = (db: DatabaseSync): Query<RangeRow> =>
  query(
    db,
    `SELECT first, last, at FROM receipts WHERE room_id = ? AND user_id = ? AND first <= ? ORDER BY first DESC LIMIT 1`,
  )

/**
 * Everybody who has receipts in a room, in order of id; some may have left it. Goes from reader to reader, because the
 * ranges of a room have no bound.
 */
export function readersIn(db: DatabaseSync): (room: Uint8Array) => Generator<ReaderRow> {
  const next = query<ReaderRow>(
    db,
    'SELECT user_id, hex(user_id) FROM receipts WHERE room_id = ? AND user_id > ? ORDER BY user_id LIMIT 1',
  )
  return function* (room) {
    for (let row = next.one(room, new Uint8Array()); row; row = next.one(room, row[0])) yield row
  }
}

export function receiptReads(db: DatabaseSync) {
  const readers = readersIn(db)
  const rangeBefore = rangeBeforeIn(db)
  const place = query<[room: Uint8Array, ordinal: number, sender: string, at: number]>(
    db,
    `SELECT room_id, ordinal, hex(sender_id), at FROM messages m WHERE id = ? AND deleted_at IS NULL AND ${ROOM_IS_THERE}`,
  )
  return {
    receipts(message: MessageId): readonly { readonly user: UserId; readonly at: number }[] {
      const found = place.one(blob(message))
      if (!found) return []
      const [room, ordinal, sender, sentAt] = found
      const receipts = []
      for (const [id, hex] of readers(room)) {
        const range = rangeBefore.one(room, id, ordinal)
        if (range && range[1] >= ordinal && hex !== sender)
          receipts.push({ user: uuid<UserId>(hex), at: Math.max(range[2] * 1000, sentAt) })
      }
      return receipts.sort((a, b) => a.at - b.at)
    },
  }
}

/** Who read what and when, as ranges: a reader who keeps up costs a row a second at the most, not a row a message. */
export function receiptsOf(tx: Transaction) {
  const before = rangeBeforeIn(tx.db)
  const within = query<RangeRow>(
    tx.db,
    `SELECT first, last, at FROM receipts WHERE room_id = ? AND user_id = ? AND first > ? AND first <= ? ORDER BY first`,
  )

  function rangeBefore(room: RoomHead, member: MemberHead, ordinal: number): RangeRow | undefined {
    tx.settleTail(room, member)
    return before.one(room.id, member.id, ordinal)
  }

  function tailBefore(room: RoomHead, member: MemberHead, first: number) {
    if (member.tail?.last === first - 1) return member.tail
    const row = rangeBefore(room, member, first)
    return row?.[1] === first - 1 ? { first: row[0], last: row[1], at: row[2], dirty: false } : null
  }

  /** Whether the member has a receipt of the message. */
  function has(room: RoomHead, member: MemberHead, ordinal: number): boolean {
    const range = rangeBefore(room, member, ordinal)
    return range !== undefined && range[1] >= ordinal
  }

  /** Adds receipts of messages that have none, `at` in milliseconds. */
  function add(room: RoomHead, member: MemberHead, first: number, last: number, at: number): void {
    const second = Math.floor(at / 1000)
    const tail = tailBefore(room, member, first)
    if (tail?.at === second) {
      tail.last = last
      tail.dirty = true
      member.tail = tail
    } else {
      tx.settleTail(room, member)
      member.tail = { first, last, at: second, dirty: true }
    }
  }

  /** Adds receipts of all messages from `first`, where the position ends, to `last` that have none. */
  function addGaps(room: RoomHead, member: MemberHead, first: number, last: number, at: number): void {
    // Above the position only singly read messages have receipts, and those deleted since.
    if (member.singles === 0 && room.deleted === 0) return add(room, member, first, last, at)
    const start = rangeBefore(room, member, first)
    let next = start ? Math.max(first, start[1] + 1) : first
    for (const [from, to] of within.all(room.id, member.id, first, last)) {
      if (from > next) add(room, member, next, from - 1, at)
      next = to + 1
    }
    if (next <= last) add(room, member, next, last, at)
  }

  return { has, add, addGaps }
}
