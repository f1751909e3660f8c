import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Room } from '../../core/room.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { directoryOf, unknownUser } from './directory.ts'
import { blob } from './ids.ts'
import { membersOf } from './members.ts'
import { ROOM_COLUMNS, type RoomRow, roomOf } from './rows.ts'
import type { Transaction } from './transaction.ts'

const ROOM = `SELECT ${ROOM_COLUMNS} FROM rooms r`

export function roomReads(db: DatabaseSync) {
  const sql = prepareReads(db)
  const one = (row: RoomRow | undefined): Room | undefined => row && roomOf(row)
  return {
    room: (id: RoomId): Room | undefined => one(sql.byId.one(blob(id))),
    labelled: (label: string): Room | undefined => one(sql.byLabel.one(label)),
    directRoom: ([a, b]: readonly [UserId, UserId]): Room | undefined => one(sql.byPair.one(blob(a), blob(b))),
    heads: (rooms: readonly RoomId[]): readonly number[] => rooms.map(room => sql.head.one(blob(room))?.[0] ?? 0),
  }
}

function prepareReads(db: DatabaseSync) {
  return {
    byId: query<RoomRow>(db, `${ROOM} WHERE r.id = ?`),
    byLabel: query<RoomRow>(db, `${ROOM} WHERE r.label = ?`),
    byPair: query<RoomRow>(db, `${ROOM} WHERE r.pair_a = ? AND r.pair_b = ? AND r.kind = 'direct'`),
    head: query<[seq: number]>(db, 'SELECT seq FROM rooms WHERE id = ?'),
  }
}

export function roomWrites(tx: Transaction) {
  const reads = roomReads(tx.db)
  const directory = directoryOf(tx)
  const members = membersOf(tx)
  const insertDirect = tx.db.prepare(
    `INSERT INTO rooms (id, kind, pair_a, pair_b, created_at, message_at) VALUES (?, 'direct', ?, ?, ?, ?)`,
  )

  function openDirect({ id, pair, at }: WriteOf<'room.open_direct'>): Outcome<'room.open_direct'> {
    const known = reads.directRoom(pair)
    if (known) return done({ room: known })
    const gone = pair.find(user => !directory.living(user))
    if (gone) return refused(unknownUser(gone))
    insertDirect.run(blob(id), blob(pair[0]), blob(pair[1]), at, at)
    const head = tx.room(id)
    if (head) for (const user of new Set(pair)) members.add(head, user, at, 'unlogged')
    return done({ room: found(reads.room(id)) })
  }

  return { openDirect }
}

/** What a statement before has put there. */
function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('A row that was just written is missing')
  return row
}
