import type { DatabaseSync } from 'node:sqlite'
import type { RoomHistoryQuery } from '../../core/ports/store.ts'
import { inOneMoment, type Query, query } from './connection.ts'
import { blob } from './ids.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf } from './rows.ts'

/** Messages between two ordinals, both left out. */
interface Source {
  down(above: number, below: number, limit: number): readonly MessageRow[]
  up(above: number, below: number, limit: number): readonly MessageRow[]
}

/** Where a page is cut, and how many messages it has on either side: below the cut, and from it on. */
interface Cut {
  readonly at: number
  readonly before: number
  readonly after: number
}

const END = Number.MAX_SAFE_INTEGER
const NOTHING: Source = { down: () => [], up: () => [] }

function cutOf(where: RoomHistoryQuery['where'], limit: number): Cut {
  if ('before' in where) return { at: where.before, before: limit, after: 0 }
  if ('after' in where) return { at: where.after + 1, before: 0, after: limit }
  if ('newest' in where) return { at: END, before: limit, after: 0 }
  const half = Math.floor(limit / 2)
  return { at: where.around, before: half, after: limit - half }
}

/** Costs as much as its page, wherever that is. */
export function roomHistoryReads(db: DatabaseSync) {
  const sql = prepare(db)
  const atOnce = inOneMoment(db)

  function sourceOf({ room: id, conversation }: RoomHistoryQuery): Source {
    const room = blob(id)
    const found = sql.room.one(room)
    if (!found) return NOTHING
    const [own] = found
    if (conversation === null || conversation === own) return between(sql.ofRoom, [room])
    return own === null ? between(sql.ofConversation, [conversation, room]) : NOTHING
  }

  function roomHistory(asked: RoomHistoryQuery) {
    const { above, where, limit } = asked
    const source = sourceOf(asked)
    const cut = cutOf(where, limit)
    // One more on either side tells whether there are more.
    const before = source.down(above, cut.at, cut.before + 1)
    const after = source.up(Math.max(above, cut.at - 1), END, cut.after + 1)
    const rows = [...before.slice(0, cut.before).toReversed(), ...after.slice(0, cut.after)]
    return {
      items: rows.map(messageOf),
      isMoreBefore: before.length > cut.before,
      isMoreAfter: after.length > cut.after,
    }
  }

  return { roomHistory: (asked: RoomHistoryQuery) => atOnce(() => roomHistory(asked)) }
}

interface Directions {
  readonly down: Query<MessageRow>
  readonly up: Query<MessageRow>
}

const between = ({ down, up }: Directions, of: readonly (number | Uint8Array)[]): Source => ({
  down: (above, below, limit) => down.all(...of, above, below, limit),
  up: (above, below, limit) => up.all(...of, above, below, limit),
})

function prepare(db: DatabaseSync) {
  const directions = (of: string): Directions => {
    const ordered = (order: string) =>
      query<MessageRow>(
        db,
        `SELECT ${MESSAGE_COLUMNS} FROM messages m
         WHERE ${of} AND m.ordinal > ? AND m.ordinal < ? AND m.deleted_at IS NULL ORDER BY m.ordinal ${order} LIMIT ?`,
      )
    return { down: ordered('DESC'), up: ordered('ASC') }
  }
  return {
    room: query<[conversation: number | null]>(
      db,
      'SELECT conversation FROM rooms WHERE id = ? AND deleted_at IS NULL',
    ),
    ofRoom: directions('m.room_id = ?'),
    // The sign keeps the index of the room out of it: what others say there would have to be passed over.
    ofConversation: directions('m.conversation = ? AND +m.room_id = ?'),
  }
}
