import type { Context } from '../context.ts'
import type { ShownMessage } from '../message.ts'
import { signedIn } from '../permissions.ts'
import { ownRoom, type RoomRef, readsAbove } from '../places.ts'
import type { RoomHistoryQuery } from '../ports/store.ts'
import type { Room } from '../room.ts'
import type { Implementation } from './command.ts'
import { readable, show } from './messages.ts'

export interface HistoryCommands {
  /**
   * Messages of one of the actor's rooms in the order they were stored, fewer than asked for where the texts are long; of a
   * private room those from after the actor came; `isShared`: after the latest of its members came, to be told there. Refuses
   * room_unknown, not_member.
   */
  'room.history': { input: { ref: RoomRef; isShared?: boolean } & Window; result: RoomPage }
}

export type Window = Pick<RoomHistoryQuery, 'conversation' | 'where' | 'limit'>

export interface RoomPage {
  readonly room: Room
  readonly items: readonly ShownMessage[]
  readonly isMoreBefore: boolean
  readonly isMoreAfter: boolean
}

export const historyCommands: Implementation<HistoryCommands> = {
  'room.history': async (ctx, actor, { ref, isShared = false, ...window }) => {
    const { room, membership } = await ownRoom(ctx, signedIn(actor), ref)
    const since = isShared ? { since: await ctx.store.latestSince(room.id) } : membership
    return page(ctx, room, { ...window, above: readsAbove(room, since) })
  },
}

/** A page of a room, cut to what one answer may hold at the end that is further from where it was asked for. */
export async function page(ctx: Context, room: Room, window: Omit<RoomHistoryQuery, 'room'>): Promise<RoomPage> {
  const found = await ctx.store.roomHistory({ room: room.id, ...window })
  const fromEnd = 'before' in window.where || 'newest' in window.where
  const kept = fromEnd ? readable(found.items.toReversed()).toReversed() : readable(found.items)
  const isCut = kept.length < found.items.length
  return {
    room,
    items: await show(ctx, kept),
    isMoreBefore: found.isMoreBefore || (isCut && fromEnd),
    isMoreAfter: found.isMoreAfter || (isCut && !fromEnd),
  }
}
