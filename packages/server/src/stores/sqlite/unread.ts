import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { PageQuery } from '../../core/ports/store.ts'
import type { RoomKind, Scope } from '../../core/room.ts'
import { inOneMoment, query } from './connection.ts'
import { blob, bytes, uuid } from './ids.ts'
import { inChunks, merged, pageOf, type Source } from './merged.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf } from './rows.ts'

export function unreadReads(db: DatabaseSync) {
  const sql = prepare(db)
  const atOnce = inOneMoment(db)

  const waiting = (user: UserId, scope: Scope) =>
    sql.counts.all(blob(user)).filter(([, kind, , count]) => kind === scope && count > 0)

  /** Numbers of what is unread in a room, negated: the oldest first is the largest first. */
  const numbersOf = (room: Uint8Array, position: number, user: Uint8Array): Source => ({
    bound: Number.POSITIVE_INFINITY,
    open: () => inChunks((above, limit) => sql.numbers.all(room, above, user, user, limit), position),
  })

  function unread(user: UserId, scope: Scope, { limit, offset }: PageQuery): readonly Message[] {
    const reader = blob(user)
    const sources = waiting(user, scope).map(([room, , position]) => numbersOf(bytes(room), position, reader))
    return pageOf(merged(sources), offset, limit).flatMap(number => sql.byNumber.all(-number).map(messageOf))
  }

  return {
    unreadCounts(user: UserId): Record<Scope, number> {
      const counts = { lobby: 0, direct: 0 }
      for (const [, kind, , count] of sql.counts.all(blob(user))) if (kind !== 'directory') counts[kind] += count
      return counts
    },
    unreadRooms: (user: UserId, scope: Scope): readonly RoomId[] =>
      waiting(user, scope).map(([room]) => uuid<RoomId>(room)),
    unread: (user: UserId, scope: Scope, page: PageQuery) => atOnce(() => unread(user, scope, page)),
    /** Whether the user is in more than `count` rooms. */
    isInMoreRooms: (user: UserId, count: number): boolean => sql.rooms.one(blob(user), count) !== undefined,
  }
}

function prepare(db: DatabaseSync) {
  return {
    // The numbers of room and member say how many messages and own messages lie above the position.
    counts: query<[room: string, kind: RoomKind, position: number, count: number]>(
      db,
      `SELECT hex(w.room), w.kind, w.position, w.above - w.own - w.singles - iif(w.deleted = 0, 0, (
         SELECT count(*) FROM messages d
         WHERE d.room_id = w.room AND d.ordinal > w.position AND d.sender_id <> w.user AND d.deleted_at IS NOT NULL))
       FROM (
         SELECT r.id AS room, r.kind, r.deleted, m.user_id AS user, m.singles, max(m.read_to, r.floor) AS position,
           r.ordinal - max(m.read_to, r.floor) AS above, m.own - max(m.own_read, m.own_erased) AS own
         FROM members m JOIN rooms r ON r.id = m.room_id
         WHERE m.user_id = ? AND r.ordinal > m.read_to AND r.ordinal > r.floor) AS w`,
    ),
    rooms: query<[1]>(db, 'SELECT 1 FROM members WHERE user_id = ? LIMIT 1 OFFSET ?'),
    numbers: query<[number: number, ordinal: number]>(
      db,
      `SELECT -number, ordinal FROM messages m
       WHERE m.room_id = ? AND m.ordinal > ? AND m.sender_id <> ? AND m.deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM reads r WHERE r.room_id = m.room_id AND r.user_id = ? AND r.ordinal = m.ordinal)
       ORDER BY m.ordinal LIMIT ?`,
    ),
    byNumber: query<MessageRow>(db, `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.number = ?`),
  }
}
