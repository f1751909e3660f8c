import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { Membership, OpenRoom, PageOf } from '../../core/ports/store.ts'
import type { MemberMoved } from '../../core/ports/writes.ts'
import { inOneMoment, query } from './connection.ts'
import { blob, uuid } from './ids.ts'
import { ROOM_COLUMNS, type RoomRow, roomOf } from './rows.ts'
import type { RoomHead, Transaction } from './transaction.ts'

type OpenRow = [seq: number, sinceSeq: number, since: number, heard: number, chosen: number, ...RoomRow]

export function memberReads(db: DatabaseSync) {
  const sql = prepareReads(db)
  const atOnce = inOneMoment(db)

  function members(room: RoomId, { after, limit }: { after: UserId | null; limit: number }): PageOf<UserId> {
    const total = sql.count.one(blob(room))?.[0] ?? 0
    if (total === 0) return { items: [], total }
    const rows = sql.page.all(blob(room), after ? blob(after) : new Uint8Array(), limit)
    return { items: rows.map(([user]) => uuid<UserId>(user)), total }
  }

  return {
    membership(room: RoomId, user: UserId): Membership | undefined {
      const row = sql.one.one(blob(room), blob(user))
      return row && { joinedAt: row[0], sinceSeq: row[1], since: row[2] }
    },
    members: (room: RoomId, page: { after: UserId | null; limit: number }) => atOnce(() => members(room, page)),
    memberships: (user: UserId): readonly OpenRoom[] =>
      sql.open.all(blob(user)).map(([seq, sinceSeq, since, heard, chosen, ...room]) => ({
        room: roomOf(room),
        ...{ seq, sinceSeq, since, heard, isChosen: chosen === 1 },
      })),
    latestSince: (room: RoomId): number => sql.latest.one(blob(room))?.[0] ?? 0,
    commonRooms: (room: RoomId) => sql.common.all(blob(room)).map(([since, ...row]) => ({ room: roomOf(row), since })),
  }
}

function prepareReads(db: DatabaseSync) {
  return {
    one: query<[joinedAt: number, sinceSeq: number, since: number]>(
      db,
      `SELECT m.joined_at, m.since_seq, m.since FROM members m JOIN rooms r ON r.id = m.room_id
       WHERE m.room_id = ? AND m.user_id = ? AND r.deleted_at IS NULL`,
    ),
    count: query<[count: number]>(db, 'SELECT members FROM rooms WHERE id = ?'),
    page: query<[user: string]>(
      db,
      'SELECT hex(user_id) FROM members WHERE room_id = ? AND user_id > ? ORDER BY user_id LIMIT ?',
    ),
    open: query<OpenRow>(
      db,
      `SELECT r.seq, m.since_seq, m.since, m.heard, m.chosen, ${ROOM_COLUMNS} FROM members m JOIN rooms r ON r.id = m.room_id
       WHERE m.user_id = ? AND r.deleted_at IS NULL`,
    ),
    latest: query<[since: number | null]>(db, 'SELECT max(since) FROM members WHERE room_id = ?'),
    common: query<[since: number, ...RoomRow]>(
      db,
      `WITH people AS (
         SELECT m.user_id FROM rooms r JOIN members m ON m.room_id = r.id JOIN users u ON u.id = m.user_id
         WHERE r.id = ? AND r.deleted_at IS NULL AND u.role <> 'agent'
       )
       SELECT max(m.since), ${ROOM_COLUMNS}
       FROM people p JOIN members m ON m.user_id = p.user_id JOIN rooms r ON r.id = m.room_id
       WHERE r.deleted_at IS NULL GROUP BY m.room_id HAVING count(*) = (SELECT count(*) FROM people)`,
    ),
  }
}

/** Who is in a room, for the writes that change it. */
export function membersOf(tx: Transaction) {
  const sql = prepareWrites(tx.db)

  function insert(room: RoomHead, user: UserId, at: number, sinceSeq: number, chosen: 0 | 1): void {
    sql.insert.run(room.id, blob(user), at, sinceSeq, room.ordinal, room.ordinal, room.seq, chosen)
    count(room, user, 1)
  }

  function count(room: RoomHead, user: UserId, change: 1 | -1): void {
    room.members.delete(user)
    room.memberCount += change
    room.dirty = true
  }

  function log(room: RoomHead, kind: 'member.joined' | 'member.left', user: UserId, at: number): number {
    const number = sql.number.one(blob(user))?.[0]
    if (number === undefined) throw new Error('A user in a room is missing')
    return tx.log(room, kind, number, Math.max(at, room.lastAt))
  }

  const moved = (room: RoomHead, seq: number): MemberMoved => ({ seq, at: room.lastAt, members: room.memberCount })

  return {
    /** Makes the user a member with nothing unread, of which the room's log does not tell. */
    put: (room: RoomHead, user: UserId, at: number): void => insert(room, user, at, room.seq, 1),
    /** The same in the lobby, for which the user did not ask. */
    putUnchosen: (room: RoomHead, user: UserId, at: number): void => insert(room, user, at, room.seq, 0),
    /** Makes the user a member with nothing unread, from just before the log tells of it. */
    join(room: RoomHead, user: UserId, at: number): MemberMoved {
      const sinceSeq = room.seq
      const seq = log(room, 'member.joined', user, at)
      insert(room, user, at, sinceSeq, 1)
      return moved(room, seq)
    },
    /** Ends a membership and its read state. */
    leave(room: RoomHead, user: UserId, at: number): MemberMoved {
      sql.dropReads.run(room.id, blob(user))
      sql.drop.run(room.id, blob(user))
      count(room, user, -1)
      return moved(room, log(room, 'member.left', user, at))
    },
  }
}

function prepareWrites(db: DatabaseSync) {
  return {
    insert: db.prepare(
      `INSERT INTO members (room_id, user_id, joined_at, since_seq, since, read_to, heard, chosen)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    drop: db.prepare('DELETE FROM members WHERE room_id = ? AND user_id = ?'),
    dropReads: db.prepare('DELETE FROM reads WHERE room_id = ? AND user_id = ?'),
    number: query<[number: number]>(db, 'SELECT number FROM users WHERE id = ?'),
  }
}
