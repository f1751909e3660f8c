import type { MessageId, UserId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { HistoryQuery, MessageReads } from '../../core/ports/store.ts'
import type { Outcome, RetryKey, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { dropSteps, startRun } from './runs.ts'
import { livingRoom, log, type RoomState, roomsOf, type State, timeIn } from './state.ts'
import { dropSummary } from './summaries.ts'

export function appendMessage(state: State, write: WriteOf<'message.append'>): Outcome<'message.append'> {
  const { id, sender, kind, body, replyTo, retry } = write
  const first = retry && earlier(state, sender, retry)
  if (first) return done({ state: 'repeated', first })
  const room = livingRoom(state, write.room)
  if (!room) return refused({ code: 'room_unknown' })
  if (!room.members.has(sender)) return refused({ code: 'not_member' })
  const conversation = conversationIn(state, room, sender, write.conversation)
  if (conversation === undefined) return refused({ code: 'conversation_unknown', id: `${write.conversation}` })
  if (retry?.onConflict === 'refuse' && isUsed(state, sender, retry.clientId)) return refused({ code: 'id_conflict' })
  if (state.messages.has(id) || (write.run && state.runs.has(write.run.id))) return refused({ code: 'id_conflict' })

  const clientId = retry?.clientId ?? null
  const placed = place(state, room, {
    id,
    sender,
    kind,
    body,
    clientId,
    replyTo,
    conversation,
    run: null,
    at: write.at,
  })
  if (retry) state.retries.set(retryKey(sender, retry), id)
  const run = write.run && startRun(state, room, placed, write.run)
  const { number, seq, ordinal, at } = placed
  return done({ state: 'stored', number, seq, ordinal, at, conversation, run })
}

type Draft = Omit<Message, 'number' | 'room' | 'seq' | 'ordinal' | 'editedAt' | 'deletedAt'>

/** Stores the message at the end of the room and logs it. */
export function place(state: State, room: RoomState, draft: Draft): Message {
  const at = timeIn(room, draft.at)
  const number = ++state.number
  const seq = log(room, { type: 'message.sent', message: draft.id, at })
  const ordinal = room.messages.push(draft.id)
  const placed = { ...draft, number, room: room.room.id, seq, ordinal, at, editedAt: null, deletedAt: null }
  state.messages.set(draft.id, placed)
  room.messageAt = at
  room.lastNumber = number
  const talked = draft.conversation === null ? undefined : state.conversations.get(draft.conversation)
  if (talked) state.conversations.set(talked.number, { ...talked, lastAt: at })
  return placed
}

/** What a message of the sender belongs to; undefined when it names what is not there, or not theirs. */
function conversationIn(
  state: State,
  { room }: RoomState,
  sender: UserId,
  named: number | null,
): number | null | undefined {
  if (room.conversation !== null || named === null) return room.conversation
  const found = state.conversations.get(named)
  return found?.room === room.id && found.owner === sender ? named : undefined
}

export function editMessage(state: State, { id, body, at }: WriteOf<'message.edit'>): Outcome<'message.edit'> {
  return change(state, id, 'message.edited', at, now => ({ body, editedAt: now }))
}

export function deleteMessage(state: State, { id, at }: WriteOf<'message.delete'>): Outcome<'message.delete'> {
  return change(state, id, 'message.deleted', at, now => ({ body: '', deletedAt: now }))
}

function change(
  state: State,
  id: MessageId,
  type: 'message.edited' | 'message.deleted',
  at: number,
  patch: (now: number) => Partial<Message>,
): Outcome<'message.edit'> {
  const before = present(state, id)
  const room = before && state.rooms.get(before.room)
  if (!room) return refused({ code: 'message_unknown', id })
  const now = timeIn(room, at)
  const message = { ...before, ...patch(now) }
  state.messages.set(id, message)
  dropSteps(state, message.run)
  dropSummary(state, message.room, message.ordinal)
  return done({ message, seq: log(room, { type, message: id, at: now }) })
}

export function messageReads(state: State): Omit<MessageReads, 'roomHistory'> {
  return {
    message: async id => present(state, id),
    firstSent: async (sender, clientId, digest) => earlier(state, sender, { clientId, digest }),
    history: async ({ of, since, limit, offset }) => {
      const found = sourcesOf(state, of)
        .flatMap(room => messagesOf(state, room))
        .filter(message => message.deletedAt === null && (since === null || message.at > since))
        .sort((a, b) => b.number - a.number)
      return { items: found.slice(offset, offset + limit), total: found.length }
    },
  }
}

/** The messages of a room that are not erased, in stored order, the deleted too. */
export const messagesOf = (state: State, room: RoomState): Message[] =>
  room.messages.slice(room.floor).flatMap(id => state.messages.get(id) ?? [])

/** The message unless it is deleted or erased. */
export function present(state: State, id: MessageId): Message | undefined {
  const message = state.messages.get(id)
  return message?.deletedAt === null && livingRoom(state, message.room) ? message : undefined
}

function sourcesOf(state: State, of: HistoryQuery['of']): RoomState[] {
  switch (of.scope) {
    case 'lobby':
      return [state.lobby]
    case 'direct':
      return roomsOf(state, of.user, 'direct')
    case 'all-direct':
      return [...state.rooms.values()].filter(({ room }) => room.kind === 'direct')
    default:
      return of satisfies never
  }
}

// A uuid and a digest hold no space, so keys of different senders, client ids and digests never meet.
type Retry = Pick<RetryKey, 'clientId' | 'digest'>

const retryKey = (sender: UserId, { clientId, digest }: Retry): string => `${sender} ${digest} ${clientId}`

function earlier(state: State, sender: UserId, retry: Retry): Message | undefined {
  const id = state.retries.get(retryKey(sender, retry))
  const message = id && (state.messages.get(id) ?? state.erased.get(id))
  return message && (livingRoom(state, message.room) ? message : { ...message, body: '' })
}

function isUsed(state: State, sender: UserId, clientId: string): boolean {
  return [...state.retries.keys()].some(key => key.startsWith(`${sender} `) && key.slice(37 + 65) === clientId)
}
