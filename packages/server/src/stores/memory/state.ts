import { randomUUIDv7 } from 'node:crypto'
import type { Collection } from '../../core/collection.ts'
import type { CollectionId, MessageId, RoomId, SignInId, UserId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { AccountFacts } from '../../core/ports/store.ts'
import type { NewKey, SignIn, Ticket } from '../../core/ports/writes.ts'
import type { Room, RoomKind } from '../../core/room.ts'
import type { User } from '../../core/user.ts'

/** Everything a memory store holds. Maps keep the order of insertion, which is the order of creation. */
export interface State {
  readonly lobby: RoomState
  readonly directory: RoomState
  readonly users: Map<UserId, User>
  /** Each user's one API key. */
  readonly keys: Map<UserId, NewKey>
  readonly accounts: Map<UserId, Account>
  readonly signIns: Map<SignInId, SignIn>
  readonly tickets: Map<string, IssuedTicket>
  readonly rooms: Map<RoomId, RoomState>
  /** As they are now, the deleted too. */
  readonly messages: Map<MessageId, Message>
  /** What is left of messages that were erased: all but the text. */
  readonly erased: Map<MessageId, Message>
  readonly retries: Map<string, MessageId>
  readonly collections: Map<CollectionId, Collection>
  /** Number of the latest message. */
  number: number
}

/** Of somebody who has a password, signed in or verified an address. */
export interface Account extends AccountFacts {
  readonly password?: string | undefined
}

export interface IssuedTicket extends Ticket {
  readonly subject: string
  readonly expiresAt: number
}

export interface RoomState {
  readonly room: Room
  /** In order of seq, from 1. */
  readonly log: LogEntry[]
  /** In order of ordinal, from 1. */
  readonly messages: MessageId[]
  /** Messages up to this ordinal are erased. */
  floor: number
  /** Time of the latest log entry. */
  lastAt: number
  readonly members: Map<UserId, Member>
  /** Who read a message, and when in milliseconds of a whole second. Outlives membership. */
  readonly receipts: Map<MessageId, Map<UserId, number>>
}

export interface Member {
  /** Messages up to this ordinal were there before the member and never count as unread. */
  readonly since: number
  readonly read: Set<MessageId>
}

export type LogEntry = MessageLogEntry | UserLogEntry

export interface MessageLogEntry {
  readonly type: 'message.sent' | 'message.edited' | 'message.deleted'
  readonly message: MessageId
  readonly at: number
}

export interface UserLogEntry {
  readonly type: 'user.created' | 'user.changed' | 'user.deleted' | 'credentials.revoked'
  readonly user: UserId
  readonly at: number
}

/** A store without people, with its lobby and its directory. */
export function emptyState(): State {
  const lobby = newRoom('lobby')
  const directory = newRoom('directory')
  return {
    lobby,
    directory,
    users: new Map(),
    keys: new Map(),
    accounts: new Map(),
    signIns: new Map(),
    tickets: new Map(),
    rooms: new Map([lobby, directory].map(room => [room.room.id, room])),
    messages: new Map(),
    erased: new Map(),
    retries: new Map(),
    collections: new Map(),
    number: 0,
  }
}

function newRoom(kind: RoomKind): RoomState {
  // A fresh uuid is what a room id is.
  return roomState({ id: randomUUIDv7() as string as RoomId, kind, pair: null })
}

export function roomState(room: Room): RoomState {
  return { room, log: [], messages: [], floor: 0, lastAt: 0, members: new Map(), receipts: new Map() }
}

/** The room's time: `at`, or its latest if that was later. */
export const timeIn = (room: RoomState, at: number): number => Math.max(at, room.lastAt)

/** Adds the entry to the room's log and returns its seq. */
export function log(room: RoomState, entry: LogEntry): number {
  room.lastAt = entry.at
  return room.log.push(entry)
}
