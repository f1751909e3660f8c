import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { Membership } from '../../core/ports/store.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import type { RoomHead, Transaction } from './transaction.ts'

export function memberReads(db: DatabaseSync) {
  const one = query<[joinedAt: number, sinceSeq: number, since: number]>(
    db,
    `SELECT m.joined_at, m.since_seq, m.since FROM members m JOIN rooms r ON r.id = m.room_id
     WHERE m.room_id = ? AND m.user_id = ? AND r.deleted_at IS NULL`,
  )
  return {
    membership(room: RoomId, user: UserId): Membership | undefined {
      const row = one.one(blob(room), blob(user))
      return row && { joinedAt: row[0], sinceSeq: row[1], since: row[2] }
    },
  }
}

/** Who is in a room, for the writes that change it. */
export function membersOf(tx: Transaction) {
  const insert = tx.db.prepare(
    `INSERT INTO members (room_id, user_id, joined_at, since_seq, since, read_to, heard, chosen)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return {
    /** Makes the user a member with nothing unread. The room's log does not tell. */
    add(room: RoomHead, user: UserId, at: number, how: 'unlogged' | 'unchosen'): void {
      const chosen = how === 'unchosen' ? 0 : 1
      insert.run(room.id, blob(user), at, room.seq, room.ordinal, room.ordinal, room.seq, chosen)
      room.members.delete(user)
      room.memberCount++
      room.dirty = true
    },
  }
}
