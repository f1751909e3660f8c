import { DatabaseSync } from 'node:sqlite'

/** Everything a recovered server has, as the file holds it and as the server answers. */
export interface Snapshot {
  readonly rooms: readonly RoomRow[]
  readonly members: readonly MemberRow[]
  readonly messages: readonly MessageRow[]
  readonly log: readonly LogRow[]
  /** Messages marked singly. */
  readonly reads: readonly ReadRow[]
  readonly receipts: readonly ReceiptRow[]
  readonly users: readonly UserRow[]
  /** What the server answers those it was asked for, by name. */
  readonly unread: ReadonlyMap<string, Unread>
  /** Whom the server takes the holder of a key for; null when it refuses the key. */
  readonly keys: ReadonlyMap<string, string | null>
}

export interface RoomRow {
  readonly id: string
  readonly kind: string
  readonly pair: readonly [string, string] | null
  readonly seq: number
  readonly ordinal: number
  readonly floor: number
}

export interface MemberRow {
  readonly room: string
  readonly user: string
  readonly since: number
  readonly readTo: number
}

export interface MessageRow {
  readonly number: number
  readonly id: string
  readonly room: string
  readonly ordinal: number
  readonly seq: number
  readonly sender: string
  readonly body: string
  readonly at: number
  readonly deleted: boolean
}

export interface LogRow {
  readonly room: string
  readonly seq: number
  readonly kind: number
  readonly ref: number
  readonly at: number
}

export interface ReadRow {
  readonly room: string
  readonly user: string
  readonly ordinal: number
}

/** The reader has receipts of the messages from `first` to `last`. */
export interface ReceiptRow {
  readonly room: string
  readonly user: string
  readonly first: number
  readonly last: number
}

export interface UserRow {
  readonly id: string
  readonly name: string
}

export interface Unread {
  readonly room: number
  readonly direct: number
}

/** The part of a snapshot that the database holds, read without going through any of the server's code. */
export function readDatabase(path: string): Omit<Snapshot, 'unread' | 'keys'> {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    db.exec('BEGIN')
    // The columns are named as the fields, and the first migration fixes their types.
    const rows = <Row>(sql: string) => db.prepare(sql).all() as unknown as Row[]
    return {
      rooms: rows<RoomRow & { a: string; b: string }>(
        `SELECT ${uuid('id')} id, kind, ${uuid('pair_a')} a, ${uuid('pair_b')} b, seq, ordinal, floor FROM rooms`,
      ).map(({ a, b, ...room }) => ({ ...room, pair: room.kind === 'direct' ? ([a, b] as const) : null })),
      members: rows(`SELECT ${uuid('room_id')} room, ${uuid('user_id')} user, since, read_to AS readTo FROM members`),
      messages: rows<Omit<MessageRow, 'deleted'> & { deleted: number }>(
        `SELECT number, ${uuid('id')} id, ${uuid('room_id')} room, ordinal, seq, ${uuid('sender_id')} sender, body, at,
           deleted_at IS NOT NULL AS deleted FROM messages ORDER BY number`,
      ).map(message => ({ ...message, deleted: message.deleted === 1 })),
      log: rows(`SELECT ${uuid('room_id')} room, seq, kind, ref, at FROM log ORDER BY room_id, seq`),
      reads: rows(`SELECT ${uuid('room_id')} room, ${uuid('user_id')} user, ordinal FROM reads`),
      receipts: rows(`SELECT ${uuid('room_id')} room, ${uuid('user_id')} user, first, last FROM receipts`),
      users: rows(`SELECT ${uuid('id')} id, name FROM users WHERE deleted_at IS NULL`),
    }
  } finally {
    db.close()
  }
}

/** SQL for a blob as the text that clients see. */
const uuid = (column: string): string =>
  `lower(substr(hex(${column}), 1, 8) || '-' || substr(hex(${column}), 9, 4) || '-' || substr(hex(${column}), 13, 4)
    || '-' || substr(hex(${column}), 17, 4) || '-' || substr(hex(${column}), 21))`
