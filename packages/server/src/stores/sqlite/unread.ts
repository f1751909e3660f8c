import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { PageQuery } from '../../core/ports/store.ts'
import type { Scope } from '../../core/room.ts'
import { inOneMoment, query } from './connection.ts'
import { blob, bytes, uuid } from './ids.ts'
import { inChunks, merged, pageOf, type Source } from './merged.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf } from './rows.ts'

/** Up to where a member `m` has read its room `r`. */
export const POSITION = 'max(m.read_to, r.floor)'

/** What is unread in a room `r` for its member `m`: what lies above the position, by the running numbers of both. */
export const UNREAD = `r.ordinal - ${POSITION} - (m.own - max(m.own_read, m.own_erased)) - m.singles
  - iif(r.deleted = 0, 0, (
    SELECT count(*) FROM messages d
    WHERE d.room_id = r.id AND d.ordinal > ${POSITION} AND d.sender_id <> m.user_id AND d.deleted_at IS NOT NULL))`

export function unreadReads(db: DatabaseSync) {
  const sql = prepare(db)
  const atOnce = inOneMoment(db)

  const waiting = (user: UserId, scope: Scope) =>
    sql.counts.all(blob(user)).filter(([, of, , count]) => of === scope && count > 0)

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
      for (const [, scope, , count] of sql.counts.all(blob(user))) counts[scope] += count
      return counts
    },
    unreadTotal: (user: UserId): number => sql.total.one(blob(user))?.[0] ?? 0,
    unreadRooms: (user: UserId, scope: Scope): readonly RoomId[] =>
      waiting(user, scope).map(([room]) => uuid<RoomId>(room)),
    unread: (user: UserId, scope: Scope, page: PageQuery) => atOnce(() => unread(user, scope, page)),
    /** Whether the user is in more than `count` rooms. */
    isInMoreRooms: (user: UserId, count: number): boolean => sql.rooms.one(blob(user), count) !== undefined,
  }
}

function prepare(db: DatabaseSync) {
  return {
    counts: query<[room: string, scope: Scope, position: number, count: number]>(
      db,
      `SELECT hex(r.id), r.kind, ${POSITION}, ${UNREAD} FROM members m JOIN rooms r ON r.id = m.room_id
       WHERE m.user_id = ? AND r.kind IN ('lobby', 'direct') AND r.ordinal > m.read_to AND r.ordinal > r.floor`,
    ),
    total: query<[count: number]>(
      db,
      `SELECT coalesce(sum(${UNREAD}), 0) FROM members m JOIN rooms r ON r.id = m.room_id
       WHERE m.user_id = ? AND r.deleted_at IS NULL AND r.ordinal > m.read_to AND r.ordinal > r.floor`,
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
