import { show } from '../core/commands/messages.ts'
import type { Context } from '../core/context.ts'
import type { RoomEvent } from '../core/events.ts'
import type { MessageId, RoomId } from '../core/ids.ts'
import type { ShownMessage } from '../core/message.ts'
import type { LogRow } from '../core/ports/store.ts'
import type { Room } from '../core/room.ts'

const PAGE = 200

/** A stretch of a room's log. */
export interface Stretch {
  readonly room: RoomId
  readonly entries: readonly { readonly event: RoomEvent; readonly at: number }[]
  /** Seq and time of the last row read, also when it makes no event; what was asked for, and 0, when there was none. */
  readonly last: number
  readonly until: number
  /** Whether the log ended here. */
  readonly end: boolean
}

/** The events of a room after seq `after`, one page of them, as a socket would have been shown them, but as they are now. */
export async function eventsAfter(ctx: Context, room: RoomId, after: number): Promise<Stretch> {
  const known = await ctx.directory.room(room)
  const rows = known ? await ctx.store.log(room, after, PAGE) : []
  const messages = rows.flatMap(row => ('message' in row && row.message.deletedAt === null ? [row.message] : []))
  const shown = new Map((await show(ctx, messages)).map(one => [one.message.id, one]))
  const last = rows.at(-1)
  return {
    room,
    entries: known ? rows.flatMap(row => entryOf(row, known, shown)) : [],
    last: last?.seq ?? after,
    until: last?.at ?? 0,
    end: rows.length < PAGE,
  }
}

function entryOf(row: LogRow, room: Room, shown: ReadonlyMap<MessageId, ShownMessage>): Stretch['entries'] {
  if (!('message' in row)) return []
  const { message, seq, at } = row
  if (row.type === 'message.deleted') {
    return [{ at, event: { type: 'message.deleted', room, seq, messageId: message.id, ordinal: message.ordinal } }]
  }
  const one = shown.get(message.id)
  return one ? [{ at, event: { type: row.type, room, seq, ...one } }] : []
}
