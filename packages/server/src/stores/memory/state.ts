import { randomUUIDv7 } from 'node:crypto'
import type { Approval } from '../../core/approval.ts'
import type { Collection } from '../../core/collection.ts'
import type { Conversation } from '../../core/conversation.ts'
import type { StoredFile, Upload } from '../../core/file.ts'
import type { ArtefactId, CollectionId, FileId, MessageId, RoomId, RunId, SignInId, UserId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { AccountFacts } from '../../core/ports/store.ts'
import type { NewKey, SignIn, Ticket } from '../../core/ports/writes.ts'
import { LOBBY_LABEL, type Room, type Scope } from '../../core/room.ts'
import type { Summary } from '../../core/summary.ts'
import type { User } from '../../core/user.ts'
import type { ArtefactState } from './artefacts.ts'
import type { RunState } from './runs.ts'

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
  /** By number, without the forgotten. */
  readonly conversations: Map<number, Conversation>
  /** What clients that come back call some of them. */
  readonly sessions: Map<number, string>
  readonly runs: Map<RunId, RunState>
  readonly summaries: Map<RoomId, Summary>
  /** Charges of each day by whose they are. */
  readonly spent: Map<number, Map<string, number>>
  readonly approvals: Map<string, Approval>
  readonly uploads: Map<FileId, Upload>
  readonly files: Map<FileId, StoredFile>
  /** Without the deleted. */
  readonly artefacts: Map<ArtefactId, ArtefactState>
  /** Number of the latest message, and of the latest conversation. */
  number: number
  conversationNumber: number
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
  room: Room
  /** In order of seq, from 1. */
  readonly log: LogEntry[]
  /** In order of ordinal, from 1. */
  readonly messages: MessageId[]
  /** Messages up to this ordinal are erased. */
  floor: number
  /** Of a deleted room: nothing of it is left to erase. */
  isErased: boolean
  /** Time of the latest log entry. */
  lastAt: number
  /** Time of the latest message, the room's creation before the first; and its number, or 0. */
  messageAt: number
  lastNumber: number
  readonly members: Map<UserId, Member>
  /** Who read a message, and when in milliseconds of a whole second. Outlives membership. */
  readonly receipts: Map<MessageId, Map<UserId, number>>
}

export interface Member {
  readonly joinedAt: number
  /** The room's last seq when the member came. */
  readonly sinceSeq: number
  /** Seq up to which documented clients of the user were shown the room. */
  heard: number
  isChosen: boolean
  /** Messages up to this ordinal were there before the member and never count as unread. */
  readonly since: number
  readonly read: Set<MessageId>
}

export type LogEntry = MessageLogEntry | UserLogEntry | RoomLogEntry | RunLogEntry | FileLogEntry

export interface MessageLogEntry {
  readonly type: 'message.sent' | 'message.edited' | 'message.deleted'
  readonly message: MessageId
  readonly at: number
}

export interface UserLogEntry {
  readonly type:
    | 'user.created'
    | 'user.changed'
    | 'user.deleted'
    | 'credentials.revoked'
    | 'member.joined'
    | 'member.left'
  readonly user: UserId
  readonly at: number
}

export interface RoomLogEntry {
  readonly type: 'room.changed' | 'room.deleted'
  readonly at: number
}

export interface RunLogEntry {
  readonly type: 'run.started' | 'run.ended'
  readonly run: RunId
  readonly at: number
}

export interface FileLogEntry {
  readonly type: 'file.added'
  readonly file: FileId
  readonly at: number
}

/** A store without people, with its lobby and its directory. */
export function emptyState(): State {
  const lobby = newRoom({ kind: 'lobby', label: LOBBY_LABEL, name: 'Lobby', assistant: 'mention', conversation: 1 })
  const directory = newRoom({ kind: 'directory' })
  const { id: room, createdAt } = lobby.room
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
    conversations: new Map([
      [1, { number: 1, room, owner: null, title: null, model: null, createdAt, lastAt: createdAt }],
    ]),
    sessions: new Map(),
    runs: new Map(),
    spent: new Map(),
    summaries: new Map(),
    approvals: new Map(),
    uploads: new Map(),
    files: new Map(),
    artefacts: new Map(),
    number: 0,
    conversationNumber: 1,
  }
}

function newRoom(over: Partial<Room> & Pick<Room, 'kind'>): RoomState {
  // A fresh uuid is what a room id is.
  return roomState({ id: randomUUIDv7() as string as RoomId, createdAt: Date.now(), ...over })
}

/** An empty room; what is not named is what rooms have that people can't join. */
export function roomState(over: Partial<Room> & Pick<Room, 'id' | 'kind' | 'createdAt'>): RoomState {
  const room: Room = {
    pair: null,
    label: null,
    name: '',
    owner: null,
    assistant: 'off',
    isClosed: false,
    conversation: null,
    deletedAt: null,
    ...over,
  }
  const numbers = { isErased: false, floor: 0, lastAt: 0, messageAt: room.createdAt, lastNumber: 0 }
  return { room, log: [], messages: [], ...numbers, members: new Map(), receipts: new Map() }
}

/** The room unless it is deleted. */
export function livingRoom(state: State, id: RoomId): RoomState | undefined {
  const found = state.rooms.get(id)
  return found?.room.deletedAt === null ? found : undefined
}

/** The rooms of a scope that the user is a member of. */
export function roomsOf(state: State, user: UserId, scope: Scope): RoomState[] {
  return [...state.rooms.values()].filter(({ room, members }) => room.kind === scope && members.has(user))
}

/** Makes the user a member with nothing unread. The room's log does not tell. */
export function addMember({ members, log, messages }: RoomState, user: UserId, at: number, isChosen = true): void {
  const [sinceSeq, since] = [log.length, messages.length]
  members.set(user, { joinedAt: at, sinceSeq, since, heard: sinceSeq, isChosen, read: new Set() })
}

/** The room's time: `at`, or its latest if that was later. */
export const timeIn = (room: RoomState, at: number): number => Math.max(at, room.lastAt)

/** Adds the entry to the room's log and returns its seq. */
export function log(room: RoomState, entry: LogEntry): number {
  room.lastAt = entry.at
  return room.log.push(entry)
}
