import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Room, RoomKind } from '../../core/room.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob, uuid } from './ids.ts'
import type { Transaction } from './transaction.ts'

type RoomRow = [id: string, kind: RoomKind, pairA: string, pairB: string]

const ROOM = 'SELECT hex(id), kind, hex(pair_a), hex(pair_b) FROM rooms'

function roomOf([id, kind, pairA, pairB]: RoomRow): Room {
  const pair = kind === 'direct' ? ([uuid<UserId>(pairA), uuid<UserId>(pairB)] as const) : null
  return { id: uuid<RoomId>(id), kind, pair }
}

/** Ids of the two rooms that the first migration made. */
export function specialRooms(db: DatabaseSync): { readonly lobby: RoomId; readonly directory: RoomId } {
  const byKind = query<RoomRow>(db, `${ROOM} WHERE kind = ? AND kind IN ('lobby', 'directory')`)
  const find = (kind: RoomKind): RoomId => {
    const row = byKind.one(kind)
    if (!row) throw new Error(`The database has no ${kind}`)
    return roomOf(row).id
  }
  return { lobby: find('lobby'), directory: find('directory') }
}

export function roomReads(db: DatabaseSync) {
  const sql = prepareReads(db)
  return {
    room(id: RoomId): Room | undefined {
      const row = sql.byId.one(blob(id))
      return row && roomOf(row)
    },
    directRoom([a, b]: readonly [UserId, UserId]): Room | undefined {
      const row = sql.byPair.one(blob(a), blob(b))
      return row && roomOf(row)
    },
    isMember: (room: RoomId, user: UserId): boolean => sql.member.one(blob(room), blob(user)) !== undefined,
    heads: (rooms: readonly RoomId[]): readonly number[] => rooms.map(room => sql.head.one(blob(room))?.[0] ?? 0),
  }
}

function prepareReads(db: DatabaseSync) {
  return {
    byId: query<RoomRow>(db, `${ROOM} WHERE id = ?`),
    byPair: query<RoomRow>(db, `${ROOM} WHERE pair_a = ? AND pair_b = ? AND kind = 'direct'`),
    member: query<[1]>(db, 'SELECT 1 FROM members WHERE room_id = ? AND user_id = ?'),
    head: query<[seq: number]>(db, 'SELECT seq FROM rooms WHERE id = ?'),
  }
}

export function roomWrites(tx: Transaction) {
  const sql = prepareWrites(tx.db)
  const reads = roomReads(tx.db)

  function openDirect({ id, pair, at }: WriteOf<'room.open_direct'>): Outcome<'room.open_direct'> {
    const known = reads.directRoom(pair)
    if (known) return done({ room: known })
    const gone = pair.find(user => !sql.living.one(blob(user)))
    if (gone) return refused({ code: 'user_unknown', name: gone })
    sql.insertDirect.run(blob(id), blob(pair[0]), blob(pair[1]), at)
    for (const user of new Set(pair)) sql.insertMember.run(blob(id), blob(user), at)
    return done({ room: { id, kind: 'direct', pair } })
  }

  return { openDirect }
}

function prepareWrites(db: DatabaseSync) {
  return {
    living: query<[1]>(db, 'SELECT 1 FROM users WHERE id = ? AND deleted_at IS NULL'),
    insertDirect: db.prepare(`INSERT INTO rooms (id, kind, pair_a, pair_b, created_at) VALUES (?, 'direct', ?, ?, ?)`),
    insertMember: db.prepare(
      'INSERT INTO members (room_id, user_id, joined_at, since, read_to) VALUES (?, ?, ?, 0, 0)',
    ),
  }
}
