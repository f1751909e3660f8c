import type { Approval } from '../approval.ts'
import type { Artefact, ArtefactHead, ArtefactVersion, WholeVersion } from '../artefact.ts'
import type { Collection } from '../collection.ts'
import type { Conversation } from '../conversation.ts'
import type { StoredFile, Upload } from '../file.ts'
import type { ArtefactId, CollectionId, FileId, MessageId, RoomId, RunId, SignInId, UserId } from '../ids.ts'
import type { Message } from '../message.ts'
import type { Room, Scope } from '../room.ts'
import type { Run, RunStep } from '../run.ts'
import type { Summary } from '../summary.ts'
import type { User } from '../user.ts'
import type { Outcome, Ticket, Write } from './writes.ts'

/**
 * Where everything durable lives. One contract suite proves these guarantees for every implementation.
 *
 * - `commit` applies the writes in order in one transaction and resolves after it is synced to disk, with one outcome
 *   per write. A refused write changes nothing and does not disturb the others. When the transaction itself fails
 *   the promise rejects with StoreFailed, nothing of it is stored and the store stays usable where its code says so.
 * - A room's `seq` and `ordinal` are dense and given inside the transaction; `at` never falls within a room.
 * - Reads see everything whose `commit` has resolved.
 * - Callers hold at most one `commit` open at a time.
 */
export interface Store
  extends PeopleReads,
    CredentialReads,
    RoomReads,
    ConversationReads,
    MessageReads,
    ReadStateReads,
    CollectionReads,
    RunReads,
    ApprovalReads,
    FileReads,
    ArtefactReads {
  commit(writes: readonly Write[]): Promise<readonly Outcome[]>
  /** Ids of the two rooms every store has from its first start on. Another database has others. */
  readonly lobby: RoomId
  readonly directory: RoomId
  /** Finishes the open commit, then lets go of everything. */
  close(): Promise<void>
}

/**
 * Why a whole transaction failed.
 *
 * - `disk_full`, `io_error`, `busy` (another process held the database too long), `internal`: nothing of it is stored;
 *   the next commit may succeed.
 * - `corrupt`: the database is damaged and needs a person.
 * - `crashed`: the writer died in the middle; whether the transaction is stored shows after a restart. Final.
 * - `closed`: the store was closed before. Final.
 */
export type StoreFailure = 'disk_full' | 'io_error' | 'busy' | 'internal' | 'corrupt' | 'crashed' | 'closed'

/** What a commit rejects with. Holds no data of the writes. */
export class StoreFailed extends Error {
  readonly code: StoreFailure

  constructor(code: StoreFailure, cause?: unknown) {
    super(`The store failed: ${code}`, { cause })
    this.name = 'StoreFailed'
    this.code = code
  }
}

export interface PeopleReads {
  /** Also finds deleted users, for the authors of old messages. */
  user(id: UserId): Promise<User | undefined>
  users(ids: readonly UserId[]): Promise<readonly User[]>
  /** By name key. Not the deleted, and no guests. */
  userByName(nameKey: string): Promise<User | undefined>
  /** Whether the name key is taken, by a deleted user too. A name given up by renaming is free. */
  isNameUsed(nameKey: string): Promise<boolean>
  userByEmail(email: string): Promise<User | undefined>
  /** Everyone not deleted and no guest, in order of registration. */
  everyone(): Promise<readonly User[]>
  /** Bots of `owner`, not deleted, in order of creation. */
  botsOf(owner: UserId): Promise<readonly User[]>
  hasAdmin(): Promise<boolean>
  /** Guests who were made and whose latest message came before `before`, oldest first, those too of whom `guest.erase` has left something. */
  guests(before: number, limit: number): Promise<readonly User[]>
}

export interface CredentialReads {
  /** The living owner of an API key. */
  userByKey(digest: string): Promise<User | undefined>
  /** The living person behind a sign-in that has not expired at `at`. */
  signIn(digest: string, at: number): Promise<{ readonly id: SignInId; readonly user: User } | undefined>
  /** Whether the sign-in exists and has not expired at `at`. */
  signInAlive(id: SignInId, at: number): Promise<boolean>
  /** The user's current API key, sealed. */
  sealedKey(user: UserId): Promise<string | undefined>
  /** Hash of the living user's password. */
  passwordHash(user: UserId): Promise<string | undefined>
  /** What is known of a living user beside their profile. Nothing of it for anybody else. */
  accountFacts(user: UserId): Promise<AccountFacts>
  /** What a ticket was issued for, unless spent or expired at `at`. */
  ticket(ticket: Ticket, at: number): Promise<string | undefined>
}

/** Times are milliseconds since 1970; null where it never happened. */
export interface AccountFacts {
  readonly fullName: string | null
  readonly emailVerifiedAt: number | null
  /** The latest sign-in, by password or link. */
  readonly lastSignInAt: number | null
}

export interface RoomReads {
  /** Also finds deleted rooms. */
  room(id: RoomId): Promise<Room | undefined>
  /** The room with this label, a deleted one too. */
  labelled(label: string): Promise<Room | undefined>
  /** `pair` is sorted. */
  directRoom(pair: readonly [UserId, UserId]): Promise<Room | undefined>
  /** A user's membership; of none in a deleted room. */
  membership(room: RoomId, user: UserId): Promise<Membership | undefined>
  /** Members in the order of their ids after `after`, and how many there are in all. */
  members(room: RoomId, page: { after: UserId | null; limit: number }): Promise<PageOf<UserId>>
  /** Every room the user is in, deleted ones not: the lobby, direct rooms and conversations too. In no order. */
  memberships(user: UserId): Promise<readonly OpenRoom[]>
  /**
   * Rooms in which everybody is who is in this one, itself too, with the room's last ordinal when the latest of them came. Agents
   * don't count. In no order; none for a room without people.
   */
  commonRooms(room: RoomId): Promise<readonly { readonly room: Room; readonly since: number }[]>
  /** The room's last ordinal when the latest of its members came. */
  latestSince(room: RoomId): Promise<number>
  /**
   * The rooms of `memberships` with what a list of them shows: those with the latest messages first, where one without any counts as of its
   * making; `limit` after the first `offset`.
   */
  roomList(user: UserId, page: PageQuery): Promise<PageOf<ListedRoom>>
  /** One of them. */
  listedRoom(user: UserId, room: RoomId): Promise<ListedRoom | undefined>
  /** Time of a room's latest event; its creation before the first. */
  lastActivity(room: RoomId): Promise<number>
  /** Deleted rooms that `room.erase` has not come to the end of, at most `limit`, in no order. */
  deletedRooms(limit: number): Promise<readonly RoomId[]>
  /** Last seq of each room, in the order asked; 0 for an unknown room. */
  heads(rooms: readonly RoomId[]): Promise<readonly number[]>
  /** At most `limit` log rows with seq > `after`, in order. Messages come as they are now. */
  log(room: RoomId, after: number, limit: number): Promise<readonly LogRow[]>
}

export interface Membership {
  /** Milliseconds since 1970. */
  readonly joinedAt: number
  /** The room's last seq and ordinal when the member joined. */
  readonly sinceSeq: number
  readonly since: number
}

/** A room of a user, as far as bringing its events to them goes. */
export interface OpenRoom {
  readonly room: Room
  /** The room's last seq. */
  readonly seq: number
  /** The room's last seq and ordinal when the user came. */
  readonly sinceSeq: number
  readonly since: number
  /** Seq up to which documented clients of the user were shown it. */
  readonly heard: number
  /** False for the lobby until the user asks for it: its members are everybody. */
  readonly isChosen: boolean
}

export interface ListedRoom {
  readonly room: Room
  readonly seq: number
  /** Ordinal of the latest message, and the time of the latest event; the room's creation before the first. */
  readonly ordinal: number
  readonly lastAt: number
  readonly sinceSeq: number
  readonly since: number
  readonly readTo: number
  readonly unread: number
  readonly members: number
}

export type LogRow = { readonly seq: number; readonly at: number } & (
  | { readonly type: 'message.sent' | 'message.edited' | 'message.deleted'; readonly message: Message }
  /** The message is erased; only its place is left. */
  | { readonly type: 'gone' }
  | {
      readonly type: 'user.created' | 'user.changed' | 'user.deleted' | 'credentials.revoked'
      readonly user: User
    }
  | { readonly type: 'member.joined' | 'member.left'; readonly user: User }
  | { readonly type: 'room.changed' | 'room.deleted' }
  | { readonly type: 'run.started' | 'run.ended'; readonly run: Run }
  | { readonly type: 'file.added'; readonly file: StoredFile }
)

export interface PageOf<T> {
  readonly items: readonly T[]
  /** How many there are in all, not only on this page. */
  readonly total: number
}

export interface PageQuery {
  readonly limit: number
  readonly offset: number
}

export interface HistoryQuery extends PageQuery {
  /** The lobby; the direct rooms of `user`; or every direct room there is. */
  readonly of:
    | { readonly scope: 'lobby' }
    | { readonly scope: 'direct'; readonly user: UserId }
    | { readonly scope: 'all-direct' }
  /** Only messages strictly later than this. */
  readonly since: number | null
}

/** Part of a room's messages. */
export interface RoomHistoryQuery {
  readonly room: RoomId
  /** Messages with an ordinal of at most this are left out. */
  readonly above: number
  /** Only those of one conversation. */
  readonly conversation: number | null
  /** The ones just before or after an ordinal, itself not; or half of them before it and the rest from it on; or the newest. */
  readonly where:
    | { readonly before: number }
    | { readonly after: number }
    | { readonly around: number }
    | { readonly newest: true }
  readonly limit: number
}

export interface MessageReads {
  /** Not the deleted. */
  message(id: MessageId): Promise<Message | undefined>
  /** In the order of their ordinals, without the deleted; whether there are further ones before and after. */
  roomHistory(query: RoomHistoryQuery): Promise<{
    readonly items: readonly Message[]
    readonly isMoreBefore: boolean
    readonly isMoreAfter: boolean
  }>
  /** What an earlier attempt with this client id and digest stored, deleted or erased too. */
  firstSent(sender: UserId, clientId: string, digest: string): Promise<Message | undefined>
  /** Newest first, without the deleted. */
  history(query: HistoryQuery): Promise<PageOf<Message>>
}

/**
 * Unread = messages after the reader's position that are not their own, not deleted and not marked singly.
 * Counts come from counters and indexes and equal a recount from the log after any mix of writes.
 */
export interface ReadStateReads {
  unreadCounts(user: UserId): Promise<Record<Scope, number>>
  /** In all rooms of the user. */
  unreadTotal(user: UserId): Promise<number>
  /** Rooms of the scope in which something is unread. */
  unreadRooms(user: UserId, scope: Scope): Promise<readonly RoomId[]>
  /** Oldest first. */
  unread(user: UserId, scope: Scope, page: PageQuery): Promise<readonly Message[]>
  /** Who read the message and when, in order of reading. Kept to the second, never before the message. */
  receipts(message: MessageId): Promise<readonly { readonly user: UserId; readonly at: number }[]>
}

/** More people than share a session. */
export const SESSION_OWNERS_MAX = 10

/** A conversation with the session that it was opened for. */
export interface SessionOf {
  readonly session: string
  readonly conversation: Conversation
}

export interface ConversationReads {
  conversation(number: number): Promise<Conversation | undefined>
  /** Those the person owns, latest first. One with a room of its own only once something was said there. */
  conversations(owner: UserId, page: PageQuery): Promise<PageOf<Conversation>>
  /** The person's newest conversation that was opened for a session. */
  conversationOf(owner: UserId, session: string): Promise<Conversation | undefined>
  /** The person's conversations of sessions whose names begin so, latest first, also those in which nothing was said. */
  sessionsOf(owner: UserId, prefix: string, page: PageQuery): Promise<PageOf<SessionOf>>
  /** The living people who have a conversation of a session, guests first, at most SESSION_OWNERS_MAX. */
  sessionOwners(session: string): Promise<readonly User[]>
}

export interface RunReads {
  runs(ids: readonly RunId[]): Promise<readonly Run[]>
  /** At most `limit` steps with n > `after`, in order. None any more once the answer was edited or deleted; the head stays. */
  runSteps(run: RunId, after: number, limit: number): Promise<readonly RunStep[]>
  /** Those of its steps that tell of tools, in order. */
  toolSteps(run: RunId): Promise<readonly RunStep[]>
  /** Position of the last step of each run, in the order asked; 0 for an unknown one. */
  runHeads(runs: readonly RunId[]): Promise<readonly number[]>
  /** Those that answer a message, in the order they started. */
  runsOf(question: MessageId): Promise<readonly Run[]>
  /** Those that have not ended. */
  openRuns(): Promise<readonly Run[]>
  /**
   * Charges of the runs that ended on a day (UTC, counted from 1970), in millionths of a US dollar: those of the asker where that
   * is no guest, those of all guests, and those in the room where others than one person may ask. 0 where nothing was charged.
   */
  spentOn(
    day: number,
    of: { asker: UserId; room: RoomId },
  ): Promise<{ readonly person: number; readonly room: number; readonly guests: number }>
  /** What was put by `summary.put`, until a message that it is about is edited, deleted or erased, or its room is deleted. */
  summary(room: RoomId): Promise<Summary | undefined>
}

/** Those of a deleted room, a conversation or a person who is gone are not found. */
export interface ApprovalReads {
  approval(code: string): Promise<Approval | undefined>
  /** Those that the asker can decide at `at`, the oldest first. */
  approvals(asker: UserId, at: number, limit: number): Promise<readonly Approval[]>
}

export interface FileReads {
  upload(id: FileId): Promise<Upload | undefined>
  /** Unfinished ones that began before `before`, oldest first. */
  uploads(before: number, limit: number): Promise<readonly Upload[]>
  file(id: FileId): Promise<StoredFile | undefined>
  /** Files of a room in the order they were stored, after `after`. */
  filesOf(room: RoomId, after: FileId | null, limit: number): Promise<readonly StoredFile[]>
}

export interface CollectionReads {
  collection(id: CollectionId): Promise<Collection | undefined>
  /** Newest first; everyone's when `owner` is null. */
  collections(owner: UserId | null, page: PageQuery): Promise<PageOf<Collection>>
}

/** Which artefacts a list is of: of an owner, or those of a room that were made at `since` or later. Null lets all pass. */
export interface ArtefactQuery extends PageQuery {
  readonly of: { readonly owner: UserId } | { readonly room: RoomId; readonly since: number }
  readonly kind: string | null
  readonly conversation: number | null
}

/** None of the deleted. */
export interface ArtefactReads {
  artefact(id: ArtefactId): Promise<Artefact | undefined>
  /** Those there are, in the order asked. */
  artefactHeads(ids: readonly ArtefactId[]): Promise<readonly ArtefactHead[]>
  /** Newest first, by when they were made. */
  artefacts(query: ArtefactQuery): Promise<PageOf<ArtefactHead>>
  /** Latest first. None of an unknown artefact. */
  artefactVersions(id: ArtefactId, page: PageQuery): Promise<PageOf<ArtefactVersion>>
  artefactVersion(id: ArtefactId, version: number): Promise<WholeVersion | undefined>
}
