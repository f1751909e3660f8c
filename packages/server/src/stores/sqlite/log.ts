import type { DatabaseSync } from 'node:sqlite'
import type { RoomId } from '../../core/ids.ts'
import type { LogRow } from '../../core/ports/store.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import { MESSAGE_LOG, USER_LOG } from './log-codes.ts'
import { specialRooms } from './rooms.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf, USER_COLUMNS, type UserRow, userOf } from './rows.ts'

type EntryRow<Row extends unknown[]> = [seq: number, at: number, code: number, number: number | null, ...Row]

export function logReads(db: DatabaseSync) {
  const { directory } = specialRooms(db)
  const page = 'WHERE l.room_id = ? AND l.seq > ? ORDER BY l.seq LIMIT ?'
  const messages = query<EntryRow<MessageRow>>(
    db,
    `SELECT l.seq, l.at, l.kind, m.number, ${MESSAGE_COLUMNS} FROM log l LEFT JOIN messages m ON m.number = l.ref ${page}`,
  )
  const users = query<EntryRow<UserRow>>(
    db,
    `SELECT l.seq, l.at, l.kind, u.number, ${USER_COLUMNS} FROM log l LEFT JOIN users u ON u.number = l.ref ${page}`,
  )
  return {
    log: (room: RoomId, after: number, limit: number): readonly LogRow[] =>
      room === directory
        ? users.all(blob(room), after, limit).map(userEntry)
        : messages.all(blob(room), after, limit).map(messageEntry),
  }
}

// Left joins: the number is NULL, and all that follows it, where what the row refers to is erased.
function messageEntry([seq, at, code, number, ...message]: EntryRow<MessageRow>): LogRow {
  const type = MESSAGE_LOG.get(code)
  return type && number !== null ? { seq, at, type, message: messageOf(message) } : { seq, at, type: 'gone' }
}

function userEntry([seq, at, code, number, ...user]: EntryRow<UserRow>): LogRow {
  const type = USER_LOG.get(code)
  return type && number !== null ? { seq, at, type, user: userOf(user) } : { seq, at, type: 'gone' }
}
