import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '../../core/ids.ts'
import type { ListedRoom, PageOf, PageQuery } from '../../core/ports/store.ts'
import { inOneMoment, query } from './connection.ts'
import { blob } from './ids.ts'
import { ROOM_COLUMNS, type RoomRow, roomOf } from './rows.ts'
import { POSITION, UNREAD } from './unread.ts'

type ListedRow = [
  seq: number,
  ordinal: number,
  lastAt: number,
  sinceSeq: number,
  since: number,
  readTo: number,
  unread: number,
  members: number,
  ...RoomRow,
]

function listedOf(row: ListedRow): ListedRoom {
  const [seq, ordinal, lastAt, sinceSeq, since, readTo, unread, members, ...room] = row
  return { room: roomOf(room), seq, ordinal, lastAt, sinceSeq, since, readTo, unread, members }
}

export function roomListReads(db: DatabaseSync) {
  const rooms = `members m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = ? AND r.deleted_at IS NULL`
  const page = query<ListedRow>(
    db,
    `SELECT r.seq, r.ordinal, iif(r.seq = 0, r.created_at, r.last_at), m.since_seq, m.since, ${POSITION}, ${UNREAD},
       r.members, ${ROOM_COLUMNS}
     FROM ${rooms} ORDER BY r.message_at DESC, r.last_number DESC, r.id DESC LIMIT ? OFFSET ?`,
  )
  const count = query<[count: number]>(db, `SELECT count(*) FROM ${rooms}`)
  const atOnce = inOneMoment(db)
  return {
    roomList: (user: UserId, { limit, offset }: PageQuery): PageOf<ListedRoom> =>
      atOnce(() => ({
        items: page.all(blob(user), limit, offset).map(listedOf),
        total: count.one(blob(user))?.[0] ?? 0,
      })),
  }
}
