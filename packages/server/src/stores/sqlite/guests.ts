import type { DatabaseSync } from 'node:sqlite'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { User } from '../../core/user.ts'
import { done, refused } from '../outcomes.ts'
import { artefactErasing } from './artefacts.ts'
import { query } from './connection.ts'
import { unknownUser } from './directory.ts'
import { partsOf, rows } from './erase.ts'
import { blob } from './ids.ts'
import { USER_COLUMNS, type UserRow, userOf } from './rows.ts'
import type { Transaction } from './transaction.ts'

export function guestReads(db: DatabaseSync) {
  const silent = query<UserRow>(
    db,
    `SELECT ${USER_COLUMNS} FROM users u WHERE u.role = 'guest' AND u.created_at < ? AND NOT EXISTS
       (SELECT 1 FROM conversations c WHERE c.owner_id = u.id AND c.last_at >= ?)
     ORDER BY u.created_at, u.number LIMIT ?`,
  )
  return {
    guests: (before: number, limit: number): readonly User[] => silent.all(before, before, limit).map(userOf),
  }
}

export function guestWrites({ db }: Transaction) {
  const sql = prepare(db)
  const parts = [...partsOf(db), rows(db, 'log', 'seq')]
  const artefacts = artefactErasing(db)

  /** Erases what is in a room, then the room. */
  function eraseRoom(room: Uint8Array, limit: number): number {
    let removed = 0
    for (const part of parts) if (removed < limit) removed += part(room, limit - removed)
    return removed < limit ? removed + Number(sql.dropRoom.run(room).changes) : removed
  }

  function eraseRooms(guest: Uint8Array, limit: number): number {
    let removed = 0
    for (const [room] of sql.rooms.all(guest)) if (removed < limit) removed += eraseRoom(room, limit - removed)
    return removed
  }

  return {
    erase({ id, limit, at }: WriteOf<'guest.erase'>): Outcome<'guest.erase'> {
      const guest = blob(id)
      if (!sql.isGuest.one(guest)) return refused(unknownUser(id))
      sql.mark.run(at, guest)
      artefacts.deleteOf(guest, at)
      let removed = eraseRooms(guest, limit)
      if (removed < limit) removed += artefacts.rows(limit - removed)
      if (removed < limit) {
        sql.dropErased.run(guest, limit - removed)
        removed += Number(sql.dropRetries.run(guest, guest, limit - removed).changes)
      }
      const isDone = removed < limit
      if (isDone) sql.drop.run(guest)
      return done({ isDone })
    },
  }
}

const RETRIES = 'SELECT number FROM retries WHERE sender_id = ? ORDER BY client_id, digest LIMIT ?'

function prepare(db: DatabaseSync) {
  return {
    isGuest: query<[1]>(db, `SELECT 1 FROM users WHERE id = ? AND role = 'guest'`),
    mark: db.prepare('UPDATE users SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL'),
    drop: db.prepare('DELETE FROM users WHERE id = ?'),
    rooms: query<[id: Uint8Array]>(db, `SELECT id FROM rooms WHERE owner_id = ? AND kind = 'conversation'`),
    dropRoom: db.prepare('DELETE FROM rooms WHERE id = ?'),
    dropErased: db.prepare(`DELETE FROM erased WHERE number IN (${RETRIES})`),
    dropRetries: db.prepare(
      `DELETE FROM retries WHERE sender_id = ? AND (client_id, digest) IN
         (SELECT client_id, digest FROM retries WHERE sender_id = ? ORDER BY client_id, digest LIMIT ?)`,
    ),
  }
}
