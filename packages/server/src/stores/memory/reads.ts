import { READ_EVENT_MAX } from '../../core/events.ts'
import type { UserId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { ReadStateReads } from '../../core/ports/store.ts'
import type { Marked, Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Scope } from '../../core/room.ts'
import { done, refused } from '../outcomes.ts'
import { messagesOf, present } from './messages.ts'
import { livingRoom, type RoomState, roomsOf, type State } from './state.ts'

export function readMessage(state: State, { user, id, at }: WriteOf<'read.message'>): Outcome<'read.message'> {
  const message = present(state, id)
  const room = message && state.rooms.get(message.room)
  if (!message || !room?.members.has(user)) return refused({ code: 'message_unknown', id })
  return done(
    mark(state, room, user, message.sender === user ? [] : [message], at, isUnread(room, user, message) ? 1 : 0),
  )
}

export function readRoom(state: State, write: WriteOf<'read.room'>): Outcome<'read.room'> {
  const { user, upTo, at } = write
  const room = livingRoom(state, write.room)
  if (!room?.members.has(user)) return refused({ code: 'not_member' })
  const read = unreadIn(state, room, user).filter(message => upTo === 'head' || message.ordinal <= upTo)
  return done({ ...mark(state, room, user, read, at, read.length), more: false })
}

function mark(
  state: State,
  room: RoomState,
  user: UserId,
  messages: readonly Message[],
  at: number,
  changed: number,
): Marked {
  const member = room.members.get(user)
  const receipts = []
  for (const { id, sender, ordinal } of messages) {
    member?.read.add(id)
    const readers = room.receipts.get(id) ?? new Map<UserId, number>()
    room.receipts.set(id, readers)
    if (readers.has(user)) continue
    readers.set(user, wholeSecond(at))
    receipts.push({ id, author: sender, ordinal })
  }
  const readTo = positionOf(state, room, user)
  return { room: room.room.id, changed, receipts: receipts.slice(-READ_EVENT_MAX), readTo }
}

/** Everything up to here is read, and the next message is not. */
export function positionOf(state: State, room: RoomState, user: UserId): number {
  const [first] = unreadIn(state, room, user)
  return first ? first.ordinal - 1 : room.messages.length
}

const wholeSecond = (at: number): number => at - (at % 1000)

export function readStateReads(state: State): ReadStateReads {
  const unread = (user: UserId, scope: Scope) =>
    roomsOf(state, user, scope)
      .flatMap(room => unreadIn(state, room, user))
      .sort((a, b) => a.number - b.number)
  return {
    unreadCounts: async user => ({ lobby: unread(user, 'lobby').length, direct: unread(user, 'direct').length }),
    unreadTotal: async user =>
      [...state.rooms.values()].reduce((sum, room) => sum + unreadIn(state, room, user).length, 0),
    unreadRooms: async (user, scope) => [...new Set(unread(user, scope).map(message => message.room))],
    unread: async (user, scope, { limit, offset }) => unread(user, scope).slice(offset, offset + limit),
    receipts: async id => {
      const message = present(state, id)
      const readers = message && state.rooms.get(message.room)?.receipts.get(id)
      return [...(readers ?? [])]
        .map(([user, at]) => ({ user, at: Math.max(at, message?.at ?? 0) }))
        .sort((a, b) => a.at - b.at || (a.user < b.user ? -1 : 1))
    },
  }
}

export const unreadIn = (state: State, room: RoomState, user: UserId): Message[] =>
  messagesOf(state, room).filter(message => isUnread(room, user, message))

function isUnread(room: RoomState, user: UserId, message: Message): boolean {
  const member = room.members.get(user)
  if (!member || message.ordinal <= member.since || message.sender === user) return false
  return message.deletedAt === null && !member.read.has(message.id)
}
