import type { DatabaseSync } from 'node:sqlite'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { readersIn } from './receipts.ts'
import { forgettingIn } from './run-steps.ts'
import type { RoomHead, Transaction } from './transaction.ts'

/** Receipts of erased messages can't be seen any more; their rows go when the floor has risen by so many messages. */
const RECEIPTS_STEP = 1_024

const range = 'room_id = ? AND ordinal > ? AND ordinal <= ?'

/** Erases a room's messages above one ordinal up to another, and keeps what retries are answered with. */
export function erasureOf(db: DatabaseSync): (room: Uint8Array, from: number, to: number) => void {
  const kept =
    'number, id, room_id, ordinal, seq, sender_id, kind, client_id, reply_to, conversation, run, at, edited_at, deleted_at'
  const keepForRetries = db.prepare(
    `INSERT INTO erased (${kept}) SELECT ${kept} FROM messages WHERE ${range} AND client_id IS NOT NULL`,
  )
  const forgetting = forgettingIn(db)
  const erase = db.prepare(`DELETE FROM messages WHERE ${range}`)
  return (...span) => {
    keepForRetries.run(...span)
    forgetting.runs(...span)
    erase.run(...span)
  }
}

export function trimmingOf(tx: Transaction) {
  const sql = prepare(tx.db)
  const readers = readersIn(tx.db)
  const eraseMessages = erasureOf(tx.db)

  function eraseReceipts(room: RoomHead, to: number): void {
    for (const [reader] of readers(room.id)) sql.eraseReceipts.run(room.id, reader, to, to)
  }

  function erase(room: RoomHead, from: number, to: number): void {
    const range = [room.id, from, to] as const
    for (const [sender, count] of sql.senders.all(...range)) sql.countErased.run(count, room.id, sender)
    for (const [reader, count] of sql.singles.all(room.id, to)) sql.uncountSingles.run(count, room.id, reader)
    sql.eraseReads.run(room.id, to)
    room.deleted -= sql.deleted.one(...range)?.[0] ?? 0
    eraseMessages(room.id, from, to)
    room.floor = to
    room.dirty = true
    if (Math.floor(to / RECEIPTS_STEP) > Math.floor(from / RECEIPTS_STEP)) eraseReceipts(room, to)
  }

  return {
    trim({ room: id, keep, limit }: WriteOf<'room.trim'>): Outcome<'room.trim'> {
      const room = tx.room(id)
      if (!room) return refused({ code: 'room_unknown' })
      const from = room.floor
      const removed = Math.max(0, Math.min(room.ordinal - keep - from, limit))
      if (removed > 0) erase(room, from, from + removed)
      return done({ removed })
    },
  }
}

function prepare(db: DatabaseSync) {
  return {
    senders: query<[sender: Uint8Array, count: number]>(
      db,
      `SELECT m.sender_id, count(*) FROM messages m JOIN members w ON w.room_id = m.room_id AND w.user_id = m.sender_id
       WHERE m.room_id = ? AND m.ordinal > ? AND m.ordinal <= ? AND m.ordinal > w.since GROUP BY m.sender_id`,
    ),
    countErased: db.prepare('UPDATE members SET own_erased = own_erased + ? WHERE room_id = ? AND user_id = ?'),
    singles: query<[reader: Uint8Array, count: number]>(
      db,
      'SELECT user_id, count(*) FROM reads WHERE room_id = ? AND ordinal <= ? GROUP BY user_id',
    ),
    uncountSingles: db.prepare('UPDATE members SET singles = singles - ? WHERE room_id = ? AND user_id = ?'),
    eraseReads: db.prepare('DELETE FROM reads WHERE room_id = ? AND ordinal <= ?'),
    deleted: query<[count: number]>(db, `SELECT count(*) FROM messages WHERE ${range} AND deleted_at IS NOT NULL`),
    eraseReceipts: db.prepare('DELETE FROM receipts WHERE room_id = ? AND user_id = ? AND first <= ? AND last <= ?'),
  }
}
