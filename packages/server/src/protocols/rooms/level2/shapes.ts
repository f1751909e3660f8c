import type { RunStep as ShownStep } from '@parley/protocol/rooms/level2/endpoints'
import type { HistoryPageFrame, Message } from '@parley/protocol/rooms/level2/messages'
import type { ChangeRoomFrame, RoomIdentity, RoomInfo } from '@parley/protocol/rooms/level2/room-list'
import type { RunAgain, RunInfo } from '@parley/protocol/rooms/level2/runs'
import type { SearchData } from '@parley/protocol/rooms/level2/search'
import type { RoomPage } from '../../../core/commands/history.ts'
import type { RoomView } from '../../../core/commands/rooms.ts'
import type { SearchInput, SearchPage } from '../../../core/commands/search.ts'
import { type UserId, userId } from '../../../core/ids.ts'
import type { ShownMessage } from '../../../core/message.ts'
import { pairOf, type RoomRef } from '../../../core/places.ts'
import type { RoomHistoryQuery } from '../../../core/ports/store.ts'
import type { RoomPatch } from '../../../core/ports/writes.ts'
import type { Room } from '../../../core/room.ts'
import type { Run, RunStep } from '../../../core/run.ts'
import type { User } from '../../../core/user.ts'
import { timestamp } from '../../timestamp.ts'
import { nameOf, person, typeOf } from '../shapes.ts'

/** The room that `room_id` means: a label, or what stands for a room without one. */
export function refOf(name: string): RoomRef {
  const [kind, first = '', second, ...rest] = name.split(':')
  if (rest.length > 0) return { by: 'label', label: name }
  if (kind === 'conversation' && /^\d{1,15}$/.test(first)) return { by: 'conversation', number: Number(first) }
  const [one, other] = [userId(first), second === undefined ? null : userId(second)]
  if (kind !== 'dm' || !one || other === undefined) return { by: 'label', label: name }
  return other === null ? { by: 'user', id: one } : { by: 'pair', pair: pairOf(one, other) }
}

export const settingsOf = ({ name, owner, assistant, isClosed }: Room) => ({
  room_name: name,
  owner,
  assistant,
  closed: isClosed,
})

export const identityOf = (room: Room): RoomIdentity => ({
  room_id: nameOf(room),
  room: room.id,
  room_type: typeOf(room),
  ...settingsOf(room),
})

/** A room as one of its members sees it. */
export const roomInfo = ({ room, peer, ...view }: RoomView): RoomInfo => ({
  ...identityOf(room),
  participants_count: view.members,
  created_at: timestamp(room.createdAt),
  last_activity: timestamp(view.lastAt),
  seq: view.seq,
  ordinal: view.ordinal,
  since_ordinal: room.kind === 'private' ? view.since : 0,
  read_to: view.readTo,
  unread: view.unread,
  conversation_id: room.conversation,
  peer: peer && person(peer),
})

/** Who takes part in a run. Whoever is not known any more is named by the id alone. */
export interface Cast {
  readonly agent: User | UserId
  readonly asker: User | UserId
}

const someone = (who: User | UserId) => (typeof who === 'string' ? { user_id: who, username: '' } : person(who))

/** A run that answers once more, to whoever wanted it. */
export const runAgain = ({ id, room }: Run, isRepeat: boolean): RunAgain => ({ run_id: id, room, repeated: isRepeat })

export function runInfo(run: Run, { agent, asker }: Cast): RunInfo {
  const { end } = run
  return {
    run_id: run.id,
    agent: someone(agent),
    asker: someone(asker),
    question: run.question,
    conversation_id: run.conversation,
    origin: run.origin && { run_id: run.origin.run, how: run.origin.how },
    state: end?.state ?? 'running',
    model: end?.usage?.model ?? null,
    tokens: end?.usage?.tokens ?? null,
    cost_usd: end?.usage?.cost ?? null,
    error: end?.fault ?? null,
    started_at: timestamp(run.startedAt),
    ended_at: end && timestamp(end.at),
  }
}

/** A step of a run, by the name and with the fields of its frame. */
export function stepShown(step: RunStep): ShownStep {
  const place = { n: step.n, timestamp: timestamp(step.at) }
  switch (step.type) {
    case 'text':
      return { type: 'run_text', ...place, text: step.text, ...(step.by && { by: step.by }) }
    case 'switch':
      return { type: 'run_switch', ...place, from: step.from, to: step.to, reason: step.reason }
    case 'tool': {
      const { call, name, state, detail } = step
      return { type: 'run_tool', ...place, call, name, state, detail }
    }
    case 'end':
      return { type: 'run_end', ...place, state: step.state, ...(step.results && { results: step.results }) }
    default:
      return step satisfies never
  }
}

/** A message without its place in the log. */
export function content({ message, sender, run, asker }: ShownMessage): Omit<Message, 'seq'> {
  return {
    id: message.id,
    number: message.number,
    ordinal: message.ordinal,
    role: sender.role === 'agent' ? 'assistant' : 'user',
    user_id: sender.id,
    username: sender.name,
    content: message.body,
    client_id: message.clientId,
    // An answer is one to its question.
    reply_to: message.replyTo ?? run?.question ?? null,
    conversation_id: message.conversation,
    timestamp: timestamp(message.at),
    edited_at: message.editedAt === null ? null : timestamp(message.editedAt),
    run: run && runInfo(run, { agent: sender, asker: asker ?? run.asker }),
  }
}

const messageShown = (shown: ShownMessage): Message => ({ ...content(shown), seq: shown.message.seq })

/** A part of a room's messages. */
export const historyOf = ({ room, items, isMoreBefore, isMoreAfter }: RoomPage): HistoryPageFrame['data'] => ({
  room: room.id,
  messages: items.map(messageShown),
  more_before: isMoreBefore,
  more_after: isMoreAfter,
})

/** Which part of a room's messages is asked for. */
export function whereOf(window: {
  readonly before?: number | null | undefined
  readonly after?: number | null | undefined
  readonly around?: number | null | undefined
}): RoomHistoryQuery['where'] {
  if (window.before != null) return { before: window.before }
  if (window.after != null) return { after: window.after }
  return window.around != null ? { around: window.around } : { newest: true }
}

/** What is searched for, as frames and queries say it. */
export const searchOf = (asked: {
  readonly text: string
  readonly room?: string | null | undefined
  readonly sender?: string | null | undefined
  readonly from?: string | null | undefined
  readonly until?: string | null | undefined
  readonly before?: number | null | undefined
  readonly limit: number
}): SearchInput => ({
  text: asked.text,
  room: asked.room ? refOf(asked.room) : null,
  sender: asked.sender ?? null,
  from: asked.from ? Date.parse(asked.from) : null,
  until: asked.until ? Date.parse(asked.until) : null,
  before: asked.before ?? null,
  limit: asked.limit,
})

/** A page of what was found. */
export const foundOf = ({ items, next }: SearchPage): SearchData => ({
  results: items.map(found => ({
    room_id: nameOf(found.room),
    room: found.room.id,
    message: messageShown(found),
    excerpt: found.excerpt,
    hits: found.hits.map(([start, end]) => [start, end]),
  })),
  next,
})

/** What of a room is to be changed; null means absent. */
export const patchOf = ({ name, assistant, closed, owner }: ChangeRoomFrame['data']): RoomPatch => ({
  ...(name != null && { name }),
  ...(assistant != null && { assistant }),
  ...(closed != null && { isClosed: closed }),
  ...(owner != null && { owner: owner.toLowerCase() as UserId }), // the schema takes uuids only
})
