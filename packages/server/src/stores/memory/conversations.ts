import type { Conversation } from '../../core/conversation.ts'
import type { UserId } from '../../core/ids.ts'
import { type ConversationReads, type PageOf, type PageQuery, SESSION_OWNERS_MAX } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { guestsFirst } from '../../core/user.ts'
import { done, refused } from '../outcomes.ts'
import { forgetApprovals } from './approvals.ts'
import { living, unknownUser } from './directory.ts'
import { endRoom } from './room-life.ts'
import { addMember, livingRoom, roomState, type State } from './state.ts'

type Opening = Pick<Conversation, 'room' | 'owner' | 'title'> & { readonly session?: string | undefined }

/** Makes a conversation in a room. */
export function openOne(state: State, { session, ...of }: Opening, at: number): Conversation {
  const conversation = { number: ++state.conversationNumber, ...of, model: null, createdAt: at, lastAt: at }
  state.conversations.set(conversation.number, conversation)
  if (session !== undefined) state.sessions.set(conversation.number, session)
  return conversation
}

export function openConversation(
  state: State,
  { owner, room, title, session, at }: WriteOf<'conversation.open'>,
): Outcome<'conversation.open'> {
  if ('in' in room) {
    const known = livingRoom(state, room.in)
    if (known?.room.kind !== 'private') return refused({ code: 'room_unknown' })
    if (!known.members.has(owner)) return refused({ code: 'not_member' })
    return done({ conversation: openOne(state, { room: room.in, owner, title, session }, at), room: known.room })
  }
  if (!living(state, owner)) return refused(unknownUser(owner))
  const id = room.own
  if (state.rooms.has(id)) return refused({ code: 'id_conflict' })
  const conversation = openOne(state, { room: id, owner, title, session }, at)
  const kind = { kind: 'conversation', assistant: 'always', conversation: conversation.number } as const
  const made = roomState({ id, name: title ?? '', owner, createdAt: at, ...kind })
  addMember(made, owner, at)
  state.rooms.set(id, made)
  return done({ conversation, room: made.room })
}

export function changeConversation(
  state: State,
  { number, ...patch }: WriteOf<'conversation.change'>,
): Outcome<'conversation.change'> {
  const before = state.conversations.get(number)
  const room = before && livingRoom(state, before.room)
  if (!room) return refused({ code: 'conversation_unknown', id: `${number}` })
  const { title = before.title, model = before.model } = patch
  const conversation = { ...before, title, model }
  state.conversations.set(number, conversation)
  if (room.room.kind === 'conversation') room.room = { ...room.room, name: title ?? '' }
  return done({ conversation })
}

export function letGo(state: State, { number }: WriteOf<'conversation.let_go'>): Outcome<'conversation.let_go'> {
  if (!state.conversations.has(number)) return refused({ code: 'conversation_unknown', id: `${number}` })
  state.sessions.delete(number)
  return done({})
}

export function deleteConversation(
  state: State,
  { number, at }: WriteOf<'conversation.delete'>,
): Outcome<'conversation.delete'> {
  const found = state.conversations.get(number)
  const room = found && livingRoom(state, found.room)
  if (!room || found.owner === null) return refused({ code: 'conversation_unknown', id: `${number}` })
  if (room.room.kind === 'conversation') return done(endRoom(state, room, at))
  state.conversations.delete(number)
  forgetApprovals(state, one => one.room === found.room && one.conversation === number)
  return done({ room: null, seq: 0, at })
}

export function conversationReads(state: State): ConversationReads {
  const ofSession = (session: string) =>
    [...state.conversations.values()].filter(({ number }) => state.sessions.get(number) === session)
  const latestOf = (owner: UserId) =>
    [...state.conversations.values()]
      .filter(one => one.owner === owner)
      .sort((a, b) => b.lastAt - a.lastAt || b.number - a.number)
  return {
    conversationOf: async (owner, session) => ofSession(session).findLast(one => one.owner === owner),
    sessionOwners: async session => {
      const owners = new Set(ofSession(session).flatMap(({ owner }) => (owner && living(state, owner)) ?? []))
      return guestsFirst([...owners]).slice(0, SESSION_OWNERS_MAX)
    },
    conversation: async number => state.conversations.get(number),
    conversations: async (owner, page) =>
      pageOf(
        latestOf(owner).filter(one => isBegun(state, one)),
        page,
      ),
    sessionsOf: async (owner, prefix, page) =>
      pageOf(
        latestOf(owner).flatMap(conversation => {
          const session = state.sessions.get(conversation.number)
          return session?.startsWith(prefix) ? { session, conversation } : []
        }),
        page,
      ),
  }
}

/** Whether something was said in it; in a room of others it begins with that. */
function isBegun(state: State, { room }: Conversation): boolean {
  const place = state.rooms.get(room)
  return place?.room.kind !== 'conversation' || place.messages.length > 0
}

const pageOf = <T>(all: readonly T[], { limit, offset }: PageQuery): PageOf<T> => ({
  items: all.slice(offset, offset + limit),
  total: all.length,
})
