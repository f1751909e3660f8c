import type { DatabaseSync } from 'node:sqlite'
import type { RoomId } from '../../core/ids.ts'
import type { LogRow } from '../../core/ports/store.ts'
import { query } from './connection.ts'
import { fileReads } from './files.ts'
import { blob } from './ids.ts'
import { LAST_MESSAGE_CODE, logKind } from './log-codes.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf, USER_COLUMNS, type UserRow, userOf } from './rows.ts'
import { runReads } from './runs.ts'

type EntryRow = [seq: number, at: number, code: number, ref: number, message: number | null, ...MessageRow]

/** A log row, or undefined where what it refers to is erased. */
type Shown = LogRow | undefined

export function logReads(db: DatabaseSync) {
  // Nearly all rows of a long log are messages, which come with it. The others are looked up one by one.
  const page = query<EntryRow>(
    db,
    `SELECT l.seq, l.at, l.kind, l.ref, m.number, ${MESSAGE_COLUMNS}
     FROM rooms r JOIN log l ON l.room_id = r.id
       LEFT JOIN messages m ON m.number = l.ref AND l.kind <= ${LAST_MESSAGE_CODE} AND r.deleted_at IS NULL
     WHERE r.id = ? AND l.seq > ? ORDER BY l.seq LIMIT ?`,
  )
  const users = query<UserRow>(db, `SELECT ${USER_COLUMNS} FROM users u WHERE u.number = ?`)

  const runs = runReads(db)
  const files = fileReads(db)

  function shown([seq, at, code, ref, message, ...row]: EntryRow): Shown {
    const type = logKind(code)
    switch (type) {
      case 'message.sent':
      case 'message.edited':
      case 'message.deleted':
        return message === null ? undefined : { seq, at, type, message: messageOf(row) }
      case 'user.created':
      case 'user.changed':
      case 'user.deleted':
      case 'credentials.revoked':
      case 'member.joined':
      case 'member.left': {
        const user = users.one(ref)
        return user && { seq, at, type, user: userOf(user) }
      }
      case 'room.changed':
      case 'room.deleted':
        return { seq, at, type }
      case 'run.started':
      case 'run.ended': {
        const run = runs.loggedRun(ref)
        return run && { seq, at, type, run }
      }
      case 'file.added': {
        const file = files.loggedFile(ref)
        return file && { seq, at, type, file }
      }
      case undefined:
        return undefined
      default:
        return type satisfies never
    }
  }

  return {
    log: (room: RoomId, after: number, limit: number): readonly LogRow[] =>
      page.all(blob(room), after, limit).map(row => shown(row) ?? { seq: row[0], at: row[1], type: 'gone' }),
  }
}
