import type { UserId } from '../../core/ids.ts'
import type { Refusal } from '../../core/refusals.ts'
import type { User } from '../../core/user.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import type { LogKind } from './log-codes.ts'
import { USER_COLUMNS, type UserRow, userOf } from './rows.ts'
import { specialRooms } from './special-rooms.ts'
import type { Transaction } from './transaction.ts'

/** The room whose log tells what happens to users. */
export function directoryOf(tx: Transaction) {
  const { directory } = specialRooms(tx.db)
  const byId = query<UserRow>(tx.db, `SELECT ${USER_COLUMNS} FROM users u WHERE u.id = ? AND u.deleted_at IS NULL`)
  const numberOf = query<[number: number]>(tx.db, 'SELECT number FROM users WHERE id = ?')
  return {
    /** The user unless deleted. */
    living(id: UserId): User | undefined {
      const row = byId.one(blob(id))
      return row && userOf(row)
    },
    /** Adds a row to the log and returns its seq. */
    log(kind: LogKind, user: UserId, at: number): number {
      const room = tx.room(directory)
      const number = numberOf.one(blob(user))?.[0]
      if (!room || number === undefined) throw new Error('The directory or a user in it is missing')
      return tx.log(room, kind, number, Math.max(at, room.lastAt))
    },
  }
}

export const unknownUser = (id: UserId): Refusal => ({ code: 'user_unknown', name: id })
