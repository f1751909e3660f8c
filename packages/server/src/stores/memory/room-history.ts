import type { Message } from '../../core/message.ts'
import type { MessageReads, RoomHistoryQuery } from '../../core/ports/store.ts'
import { messagesOf } from './messages.ts'
import { livingRoom, type State } from './state.ts'

export function roomHistoryReads(state: State): Pick<MessageReads, 'roomHistory'> {
  return {
    roomHistory: async asked => {
      const all = wanted(state, asked)
      const [start, end] = pageIn(all, asked)
      return { items: all.slice(start, end), isMoreBefore: start > 0, isMoreAfter: end < all.length }
    },
  }
}

function wanted(state: State, { room: id, above, conversation }: RoomHistoryQuery): Message[] {
  const room = livingRoom(state, id)
  const all = room ? messagesOf(state, room) : []
  return all.filter(
    one =>
      one.deletedAt === null && one.ordinal > above && (conversation === null || one.conversation === conversation),
  )
}

/** Where in all messages the page begins and ends. */
function pageIn(all: readonly Message[], { where, limit }: RoomHistoryQuery): readonly [start: number, end: number] {
  const countBelow = (ordinal: number) => all.filter(one => one.ordinal < ordinal).length
  if ('newest' in where) return [Math.max(0, all.length - limit), all.length]
  if ('before' in where) return [Math.max(0, countBelow(where.before) - limit), countBelow(where.before)]
  if ('after' in where) return [countBelow(where.after + 1), Math.min(all.length, countBelow(where.after + 1) + limit)]
  const cut = countBelow(where.around)
  const half = Math.floor(limit / 2)
  return [Math.max(0, cut - half), Math.min(all.length, cut + limit - half)]
}
