import type { DatabaseSync } from 'node:sqlite'
import type { RoomId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { HistoryQuery, PageOf, PageQuery } from '../../core/ports/store.ts'
import { inOneMoment, query } from './connection.ts'
import { blob } from './ids.ts'
import { inChunks, merged, pageOf, type Source } from './merged.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf } from './rows.ts'

/** A room as far as history is concerned: messages from `first` to `last`. */
interface Span {
  readonly room: Uint8Array
  readonly first: number
  readonly last: number
  readonly lastNumber: number
  /** How many of them are deleted. */
  readonly deleted: number
}

type SpanRow = [room: Uint8Array, floor: number, last: number, lastNumber: number, deleted: number, lastAt: number]

/** Both answer newest first. `lobbyHistory` costs as much as its page, however deep; `directHistory` what lies above it. */
export function historyReads(db: DatabaseSync, lobby: RoomId) {
  const sql = prepare(db)
  const atOnce = inOneMoment(db)

  /** The first message later than `since`; times don't fall within a room, so it is found by halving. */
  function firstAfter(room: Uint8Array, since: number, floor: number, last: number): number {
    let low = floor + 1
    let high = last + 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sql.at.one(room, middle)?.[0] ?? 0) > since) high = middle
      else low = middle + 1
    }
    return low
  }

  const deletedIn = (room: Uint8Array, first: number, last: number): number =>
    sql.deleted.one(room, first, last)?.[0] ?? 0

  function spanOf([room, floor, last, lastNumber, deleted, lastAt]: SpanRow, since: number | null): Span {
    if (since === null) return { room, first: floor + 1, last, lastNumber, deleted }
    const first = lastAt > since ? firstAfter(room, since, floor, last) : last + 1
    return { room, first, last, lastNumber, deleted: deleted === 0 ? 0 : deletedIn(room, first, last) }
  }

  const totalOf = ({ first, last, deleted }: Span): number => last - first + 1 - deleted

  /** The ordinal that has `offset` messages above it. Each round makes up for the deleted ones the round before met. */
  function ordinalAt({ room, first, last, deleted }: Span, offset: number): number {
    let above = last + 1
    let ordinal = last - offset
    while (deleted > 0 && ordinal >= first) {
      const skipped = deletedIn(room, ordinal, above - 1)
      if (skipped === 0) break
      above = ordinal
      ordinal -= skipped
    }
    return ordinal
  }

  function lobbyHistory(since: number | null, { limit, offset }: PageQuery): PageOf<Message> {
    const row = sql.span.one(blob(lobby))
    if (!row) return { items: [], total: 0 }
    const span = spanOf(row, since)
    const rows = sql.page.all(span.room, span.first, ordinalAt(span, offset), limit)
    return { items: rows.map(messageOf), total: totalOf(span) }
  }

  const sourceOf = ({ room, first, last, lastNumber }: Span): Source => ({
    bound: lastNumber,
    open: () => inChunks((below, limit) => sql.numbers.all(room, first, below, limit), last + 1),
  })

  function directHistory(of: HistoryQuery['of'], since: number | null, page: PageQuery): PageOf<Message> {
    const rows = of.scope === 'direct' ? sql.spansOfUser.all(blob(of.user)) : sql.directSpans.all()
    const spans = rows.map(row => spanOf(row, since)).filter(span => totalOf(span) > 0)
    const found = pageOf(merged(spans.map(sourceOf)), page.offset, page.limit)
    const items = found.flatMap(number => sql.byNumber.all(number).map(messageOf))
    return { items, total: spans.reduce((sum, span) => sum + totalOf(span), 0) }
  }

  return {
    lobbyHistory: (since: number | null, page: PageQuery) => atOnce(() => lobbyHistory(since, page)),
    directHistory: (of: HistoryQuery['of'], since: number | null, page: PageQuery) =>
      atOnce(() => directHistory(of, since, page)),
  }
}

function prepare(db: DatabaseSync) {
  const span = 'SELECT r.id, r.floor, r.ordinal, r.last_number, r.deleted, r.last_at FROM rooms r'
  return {
    span: query<SpanRow>(db, `${span} WHERE r.id = ?`),
    spansOfUser: query<SpanRow>(
      db,
      `${span} JOIN members m ON m.room_id = r.id WHERE m.user_id = ? AND r.kind = 'direct'`,
    ),
    directSpans: query<SpanRow>(db, `${span} WHERE r.kind = 'direct'`),
    at: query<[at: number]>(db, 'SELECT at FROM messages WHERE room_id = ? AND ordinal = ?'),
    deleted: query<[count: number]>(
      db,
      'SELECT count(*) FROM messages WHERE room_id = ? AND ordinal BETWEEN ? AND ? AND deleted_at IS NOT NULL',
    ),
    page: query<MessageRow>(
      db,
      `SELECT ${MESSAGE_COLUMNS} FROM messages m
       WHERE m.room_id = ? AND m.ordinal BETWEEN ? AND ? AND m.deleted_at IS NULL ORDER BY m.ordinal DESC LIMIT ?`,
    ),
    numbers: query<[number: number, ordinal: number]>(
      db,
      `SELECT number, ordinal FROM messages
       WHERE room_id = ? AND ordinal >= ? AND ordinal < ? AND deleted_at IS NULL ORDER BY ordinal DESC LIMIT ?`,
    ),
    byNumber: query<MessageRow>(db, `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.number = ?`),
  }
}
