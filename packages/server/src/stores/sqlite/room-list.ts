import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
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
  const active = 'iif(r.seq = 0, r.created_at, r.last_at)'
  const columns = `r.seq, r.ordinal, ${active}, m.since_seq, m.since, ${POSITION}, ${UNREAD}, r.members, ${ROOM_COLUMNS}`
  const one = query<ListedRow>(db, `SELECT ${columns} FROM ${rooms} AND m.room_id = ?`)
  const activity = query<[at: number]>(db, `SELECT ${active} FROM rooms r WHERE r.id = ?`)
  const page = query<ListedRow>(
    db,
    `SELECT ${columns} FROM ${rooms} ORDER BY r.message_at DESC, r.last_number DESC, r.id DESC LIMIT ? OFFSET ?`,
  )
  const count = query<[count: number]>(db, `SELECT count(*) FROM ${rooms}`)
  const atOnce = inOneMoment(db)
  return {
    roomList: (user: UserId, { limit, offset }: PageQuery): PageOf<ListedRoom> =>
      atOnce(() => ({
        items: page.all(blob(user), limit, offset).map(listedOf),
        total: count.one(blob(user))?.[0] ?? 0,
      })),
    listedRoom(user: UserId, room: RoomId): ListedRoom | undefined {
      const row = one.one(blob(user), blob(room))
      return row && listedOf(row)
    },
    lastActivity: (room: RoomId): number => activity.one(blob(room))?.[0] ?? 0,
  }
}
