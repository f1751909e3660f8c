import type { DatabaseSync } from 'node:sqlite'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import type { Transaction } from './transaction.ts'
import { erasureOf } from './trim.ts'

/** Erases at most `limit` rows of a room and answers how many. */
export type Part = (room: Uint8Array, limit: number) => number

export function erasingOf({ db }: Transaction) {
  const isDeleted = query<[1]>(db, 'SELECT 1 FROM rooms WHERE id = ? AND deleted_at IS NOT NULL')
  const finish = db.prepare('UPDATE rooms SET is_erased = 1 WHERE id = ?')
  const parts = partsOf(db)
  return {
    erase({ room: id, limit }: WriteOf<'room.erase'>): Outcome<'room.erase'> {
      const room = blob(id)
      if (!isDeleted.one(room)) return refused({ code: 'room_unknown' })
      let removed = 0
      for (const part of parts) if (removed < limit) removed += part(room, limit - removed)
      if (removed < limit) finish.run(room)
      return done({ removed })
    },
  }
}

/** Everything a room holds but its log. */
export const partsOf = (db: DatabaseSync): readonly Part[] => [
  rows(db, 'members', 'user_id'),
  rows(db, 'reads', 'user_id, ordinal'),
  rows(db, 'receipts', 'user_id, first'),
  rows(db, 'conversations', 'number'),
  // Before the runs, by which they are found.
  runSteps(db),
  rows(db, 'runs', 'number'),
  rows(db, 'approvals', 'code'),
  rows(db, 'uploads', 'id'),
  rows(db, 'files', 'number'),
  messages(db),
]

/** The rows of a table, whose key after the room is `key`. */
export function rows(db: DatabaseSync, table: string, key: string): Part {
  const erase = db.prepare(
    `DELETE FROM ${table} WHERE room_id = ? AND (${key}) IN (SELECT ${key} FROM ${table} WHERE room_id = ? LIMIT ?)`,
  )
  return (room, limit) => Number(erase.run(room, room, limit).changes)
}

function runSteps(db: DatabaseSync): Part {
  const erase = db.prepare(
    `DELETE FROM run_steps WHERE (run, last) IN
       (SELECT s.run, s.last FROM runs r JOIN run_steps s ON s.run = r.number WHERE r.room_id = ? LIMIT ?)`,
  )
  return (room, limit) => Number(erase.run(room, limit).changes)
}

function messages(db: DatabaseSync): Part {
  const erase = erasureOf(db)
  const span = query<[floor: number, ordinal: number]>(db, 'SELECT floor, ordinal FROM rooms WHERE id = ?')
  const raise = db.prepare('UPDATE rooms SET floor = ? WHERE id = ?')
  return (room, limit) => {
    const [floor, ordinal] = span.one(room) ?? [0, 0]
    const to = Math.min(floor + limit, ordinal)
    if (to === floor) return 0
    erase(room, floor, to)
    raise.run(to, room)
    return to - floor
  }
}
