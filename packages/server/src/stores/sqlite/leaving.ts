import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import { query } from './connection.ts'
import { blob, uuid } from './ids.ts'
import { membersOf } from './members.ts'
import { roomLifeIn } from './room-life.ts'
import type { Transaction } from './transaction.ts'

/**
 * Ends every membership of a user who is deleted, and their conversations. The logs of rooms that tell of comings and goings
 * tell of it; a room that was the user's conversation ends.
 */
export function leavingIn(tx: Transaction): (user: UserId, at: number) => void {
  const sql = prepare(tx.db)
  const members = membersOf(tx)
  const life = roomLifeIn(tx)
  return (user, at) => {
    const id = blob(user)
    for (const [room] of sql.told.all(id)) {
      const head = tx.room(uuid<RoomId>(room))
      if (head?.kind === 'conversation') life.end(head, at)
      else if (head) members.leave(head, user, at)
    }
    // The statements that follow change what was cached.
    tx.settle()
    sql.dropReads.run(id)
    sql.countDown.run(id)
    sql.dropMemberships.run(id)
    sql.dropConversations.run(id)
  }
}

function prepare(db: DatabaseSync) {
  return {
    told: query<[room: string]>(
      db,
      `SELECT hex(r.id) FROM members m JOIN rooms r ON r.id = m.room_id
       WHERE m.user_id = ? AND r.kind NOT IN ('lobby', 'direct') AND r.deleted_at IS NULL`,
    ),
    dropReads: db.prepare(
      'DELETE FROM reads WHERE (room_id, user_id) IN (SELECT room_id, user_id FROM members WHERE user_id = ?)',
    ),
    countDown: db.prepare(
      `UPDATE rooms SET members = members - 1
       WHERE id IN (SELECT room_id FROM members WHERE user_id = ?) AND deleted_at IS NULL`,
    ),
    dropMemberships: db.prepare('DELETE FROM members WHERE user_id = ?'),
    dropConversations: db.prepare('DELETE FROM conversations WHERE owner_id = ?'),
  }
}
