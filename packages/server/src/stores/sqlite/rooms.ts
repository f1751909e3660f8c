import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { isJoinable, type Room } from '../../core/room.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { openingIn } from './conversations.ts'
import { directoryOf, unknownUser } from './directory.ts'
import { blob, uuid } from './ids.ts'
import { membersOf } from './members.ts'
import { roomLifeIn } from './room-life.ts'
import { ROOM_COLUMNS, type RoomRow, roomOf } from './rows.ts'
import type { Transaction } from './transaction.ts'

export function roomReads(db: DatabaseSync) {
  const sql = prepareReads(db)
  const one = (row: RoomRow | undefined): Room | undefined => row && roomOf(row)
  return {
    room: (id: RoomId): Room | undefined => one(sql.byId.one(blob(id))),
    labelled: (label: string): Room | undefined => one(sql.byLabel.one(label)),
    directRoom: ([a, b]: readonly [UserId, UserId]): Room | undefined => one(sql.byPair.one(blob(a), blob(b))),
    heads: (rooms: readonly RoomId[]): readonly number[] => rooms.map(room => sql.head.one(blob(room))?.[0] ?? 0),
    deletedRooms: (limit: number): readonly RoomId[] => sql.toErase.all(limit).map(([id]) => uuid<RoomId>(id)),
  }
}

function prepareReads(db: DatabaseSync) {
  const rooms = (where: string) => query<RoomRow>(db, `SELECT ${ROOM_COLUMNS} FROM rooms r WHERE ${where}`)
  return {
    byId: rooms('r.id = ?'),
    byLabel: rooms('r.label = ?'),
    byPair: rooms(`r.pair_a = ? AND r.pair_b = ? AND r.kind = 'direct'`),
    head: query<[seq: number]>(db, 'SELECT seq FROM rooms WHERE id = ?'),
    toErase: query<[id: string]>(db, 'SELECT hex(id) FROM rooms WHERE deleted_at > 0 AND is_erased = 0 LIMIT ?'),
  }
}

export function roomWrites(tx: Transaction) {
  const reads = roomReads(tx.db)
  const directory = directoryOf(tx)
  const members = membersOf(tx)
  const life = roomLifeIn(tx)
  const opening = openingIn(tx)
  const put = tx.db.prepare('UPDATE rooms SET name = ?, owner_id = ?, assistant = ?, closed = ? WHERE id = ?')

  function openDirect({ id, pair, at }: WriteOf<'room.open_direct'>): Outcome<'room.open_direct'> {
    const known = reads.directRoom(pair)
    if (known) return done({ room: known })
    const gone = pair.find(user => !directory.living(user))
    if (gone) return refused(unknownUser(gone))
    const head = life.begin({ id, kind: 'direct', pair }, at)
    for (const user of new Set(pair)) members.put(head, user, at)
    return done({ room: life.shown(head) })
  }

  function create({ room, at }: WriteOf<'room.create'>): Outcome<'room.create'> {
    const { id, kind, owner, label } = room
    if (!directory.living(owner)) return refused(unknownUser(owner))
    if (reads.labelled(label)) return refused({ code: 'room_exists' })
    const conversation = kind === 'private' ? null : opening.open({ room: id, owner: null, title: null }, at)
    const head = life.begin({ ...room, conversation }, at)
    const moved = members.join(head, owner, at)
    return done({ room: life.shown(head), ...moved })
  }

  function change({ room: id, patch, at }: WriteOf<'room.change'>): Outcome<'room.change'> {
    const head = tx.room(id)
    if (!head) return refused({ code: 'room_unknown' })
    if (patch.owner && !tx.member(head, patch.owner)) return refused({ code: 'not_member' })
    const { name, owner, assistant, isClosed } = { ...life.shown(head), ...patch }
    put.run(name, owner && blob(owner), assistant, Number(isClosed), head.id)
    const seq = tx.log(head, 'room.changed', 0, Math.max(at, head.lastAt))
    return done({ room: life.shown(head), seq, at: head.lastAt })
  }

  function remove({ room: id, at }: WriteOf<'room.delete'>): Outcome<'room.delete'> {
    const head = tx.room(id)
    const canEnd = head && (isJoinable(head.kind) || head.kind === 'conversation')
    return canEnd ? done(life.end(head, at)) : refused({ code: 'room_unknown' })
  }

  return { openDirect, create, change, remove }
}
