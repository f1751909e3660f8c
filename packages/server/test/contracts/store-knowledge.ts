import type { MessageId, RoomId, RunId, UserId } from '../../src/core/ids.ts'
import type { LogRow } from '../../src/core/ports/store.ts'
import type { Outcome, Write, Writes, WriteType } from '../../src/core/ports/writes.ts'
import type { RoomKind } from '../../src/core/room.ts'
import type { User } from '../../src/core/user.ts'

/** What the tests know of a message. */
export interface Sent {
  readonly id: MessageId
  readonly room: Place
  readonly sender: UserId
  readonly conversation: number | null
  state: 'there' | 'deleted' | 'erased'
}

/** What they know of a room. */
export interface Place {
  readonly id: RoomId
  readonly kind: RoomKind
  readonly pair: readonly [UserId, UserId] | null
  /** Its own. */
  readonly conversation: number | null
  readonly createdAt: number
  readonly sent: Sent[]
  readonly log: LogRow['type'][]
  floor: number
  lastAt: number
  messageAt: number
  isDeleted: boolean
  /** How many messages were there when the member came. */
  readonly members: Map<UserId, number>
}

/** What they know of somebody's conversation. */
export interface Talk {
  readonly number: number
  readonly room: Place
  readonly owner: UserId
  lastAt: number
}

/** What they know of a run. */
export interface Asked {
  readonly id: RunId
  readonly room: Place
  readonly agent: UserId
  readonly question: Sent
  text: string
  head: number
  state: 'open' | 'ended' | 'erased'
  /** The message that its text became. */
  answer: Sent | null
}

/** Everything the tests know, from what they did and what they were answered. */
export interface Knowledge {
  now: number
  readonly people: User[]
  readonly places: Place[]
  readonly talks: Talk[]
  readonly runs: Asked[]
  readonly sent: Map<MessageId, Sent>
  readonly retries: Map<string, MessageId>
  /** `user message` of everything that was marked, with the second of its first receipt. */
  readonly receipts: Map<string, number>
  readonly read: Set<string>
}

/** A write, and what follows from it. */
export interface Attempt {
  readonly write: Write
  /** Checks the outcome and takes note of it. */
  settle(outcome: Outcome): void
}

export const placeOf = (over: Pick<Place, 'id' | 'kind' | 'createdAt'> & Partial<Place>): Place => ({
  ...{ pair: null, conversation: null, sent: [], log: [], floor: 0, lastAt: 0, isDeleted: false, members: new Map() },
  messageAt: over.createdAt,
  ...over,
})

export const pick = <T>(list: readonly T[], index: number): T => list[index % list.length]!

export const mark = (user: UserId, message: MessageId): string => `${user} ${message}`

export const refusedWith = (code: string) => ({ state: 'refused', refusal: { code } })

/** What a write answered that happened. The asker knows which write it was. */
export const answerOf = <T extends WriteType>(outcome: Outcome): Writes[T]['out'] | undefined =>
  outcome.state === 'done' ? (outcome.value as Writes[T]['out']) : undefined

/** Takes note of a log row of the room and returns its seq. */
export function noteIn(place: Place, type: LogRow['type'], at: number): number {
  place.lastAt = Math.max(place.lastAt, at)
  return place.log.push(type)
}

/** Takes note that a message is erased, and the run whose text it is or that left it without an answer. */
export function noteErased({ runs }: Knowledge, sent: Sent): void {
  sent.state = 'erased'
  for (const run of runs) {
    if (run.answer === sent || (run.question === sent && run.state === 'ended' && !run.answer)) run.state = 'erased'
  }
}

/** Takes note of a message that came into the room, and returns its place there. */
export function noteSent(known: Knowledge, sent: Sent, at: number): { seq: number; ordinal: number; at: number } {
  const { room, conversation } = sent
  const placed = { seq: noteIn(room, 'message.sent', at), ordinal: room.sent.push(sent), at: room.lastAt }
  room.messageAt = room.lastAt
  for (const one of known.talks) if (one.number === conversation) one.lastAt = room.lastAt
  known.sent.set(sent.id, sent)
  return placed
}

/** Takes note that the room is deleted. */
export function noteEnd(known: Knowledge, place: Place, at: number): void {
  noteIn(place, 'room.deleted', at)
  place.isDeleted = true
  place.members.clear()
  for (const talk of known.talks.filter(one => one.room === place)) known.talks.splice(known.talks.indexOf(talk), 1)
}

export function isUnread({ read }: Knowledge, place: Place, user: UserId, message: Sent): boolean {
  const since = place.members.get(user)
  if (since === undefined || message.sender === user || message.state !== 'there') return false
  return place.sent.indexOf(message) >= since && !read.has(mark(user, message.id))
}
