import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../../core/ids.ts'
import type { Message } from '../../../core/message.ts'
import { inOneMoment, query } from '../connection.ts'
import { blob, uuid } from '../ids.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf, ROOM_IS_THERE } from '../rows.ts'
import type { Indexed } from './words-index.ts'

/** A message to look at again or for the first time; without a text where none of it is to be found. */
export interface Row {
  readonly number: number
  readonly id: Uint8Array
  readonly indexed: Indexed | null
}

/** Where a message is, as far as it matters for who may find it. */
export interface Place {
  readonly room: RoomId
  readonly ordinal: number
  readonly at: number
}

/** Where the store is. */
export interface Heads {
  /** The last message that is there, and the last there ever was. */
  readonly message: number
  readonly everMessage: number
  /** The last change there ever was, and the one up to which they were forgotten. */
  readonly change: number
  readonly forgotten: number
}

type StoredRow = [
  number: number,
  id: Uint8Array,
  room: string,
  sender: string,
  body: string,
  at: number,
  isFound: number,
]

export type Source = ReturnType<typeof sourceOn>

/** What a search reads of the store. */
export function sourceOn(db: DatabaseSync) {
  const sql = prepare(db)
  const ever = (table: string): number => sql.ever.one(table)?.[0] ?? 0
  const [lobby] = query<[Uint8Array]>(db, `SELECT id FROM rooms WHERE kind = 'lobby'`).one() ?? [blob('')]
  return {
    /** What tells one store from another. */
    lobby,
    atOnce: inOneMoment(db),
    /** In the order of their numbers. */
    after: (number: number, limit: number): readonly Row[] => sql.after.all(number, limit).map(rowOf),
    /** One that is not there is not answered. */
    row(number: number): Row | undefined {
      const row = sql.row.one(number)
      return row && rowOf(row)
    },
    changes: (after: number, limit: number) => sql.changes.all(after, limit).map(([id, number]) => ({ id, number })),
    heads: (): Heads => ({
      message: sql.lastMessage.one()?.[0] ?? 0,
      everMessage: ever('messages'),
      change: ever('search_changes'),
      forgotten: (sql.firstChange.one()?.[0] ?? ever('search_changes') + 1) - 1,
    }),
    place(number: number): Place | undefined {
      const row = sql.place.one(number)
      return row && { room: uuid<RoomId>(row[0]), ordinal: row[1], at: row[2] }
    },
    /** As it is now; not the deleted, nor what the system said. */
    message(number: number): Message | undefined {
      const row = sql.message.one(number)
      return row && messageOf(row)
    },
  }
}

function rowOf([number, id, room, sender, body, at, isFound]: StoredRow): Row {
  const indexed = { number, room: uuid<RoomId>(room), sender: uuid<UserId>(sender), body, at }
  return { number, id, indexed: isFound === 1 ? indexed : null }
}

function prepare(db: DatabaseSync) {
  const isFound = `m.deleted_at IS NULL AND m.kind <> 'system'`
  const columns = `m.number, m.id, hex(m.room_id), hex(m.sender_id), m.body, m.at, ${isFound}`
  return {
    after: query<StoredRow>(db, `SELECT ${columns} FROM messages m WHERE m.number > ? ORDER BY m.number LIMIT ?`),
    row: query<StoredRow>(db, `SELECT ${columns} FROM messages m WHERE m.number = ?`),
    changes: query<[id: number, number: number]>(
      db,
      'SELECT id, number FROM search_changes WHERE id > ? ORDER BY id LIMIT ?',
    ),
    lastMessage: query<[number | null]>(db, 'SELECT max(number) FROM messages'),
    firstChange: query<[number | null]>(db, 'SELECT min(id) FROM search_changes'),
    ever: query<[number]>(db, 'SELECT seq FROM sqlite_sequence WHERE name = ?'),
    place: query<[room: string, ordinal: number, at: number]>(
      db,
      'SELECT hex(room_id), ordinal, at FROM messages WHERE number = ?',
    ),
    message: query<MessageRow>(
      db,
      `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.number = ? AND ${isFound} AND ${ROOM_IS_THERE}`,
    ),
  }
}
