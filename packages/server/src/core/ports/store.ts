import type { Collection } from '../collection.ts'
import type { CollectionId, MessageId, RoomId, SignInId, UserId } from '../ids.ts'
import type { Message } from '../message.ts'
import type { Room, Scope } from '../room.ts'
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
export interface Store extends PeopleReads, CredentialReads, RoomReads, MessageReads, ReadStateReads, CollectionReads {
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
  /** By name key. Not the deleted. */
  userByName(nameKey: string): Promise<User | undefined>
  /** Whether the name key is taken, by a deleted user too. A name given up by renaming is free. */
  isNameUsed(nameKey: string): Promise<boolean>
  userByEmail(email: string): Promise<User | undefined>
  /** Everyone not deleted, in order of registration. */
  everyone(): Promise<readonly User[]>
  /** Bots of `owner`, not deleted, in order of creation. */
  botsOf(owner: UserId): Promise<readonly User[]>
  hasAdmin(): Promise<boolean>
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
  room(id: RoomId): Promise<Room | undefined>
  /** `pair` is sorted. */
  directRoom(pair: readonly [UserId, UserId]): Promise<Room | undefined>
  isMember(room: RoomId, user: UserId): Promise<boolean>
  /** Last seq of each room, in the order asked; 0 for an unknown room. */
  heads(rooms: readonly RoomId[]): Promise<readonly number[]>
  /** At most `limit` log rows with seq > `after`, in order. Messages come as they are now. */
  log(room: RoomId, after: number, limit: number): Promise<readonly LogRow[]>
}

export type LogRow = { readonly seq: number; readonly at: number } & (
  | { readonly type: 'message.sent' | 'message.edited' | 'message.deleted'; readonly message: Message }
  /** The message is erased; only its place is left. */
  | { readonly type: 'gone' }
  | {
      readonly type: 'user.created' | 'user.changed' | 'user.deleted' | 'credentials.revoked'
      readonly user: User
    }
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

export interface MessageReads {
  /** Not the deleted. */
  message(id: MessageId): Promise<Message | undefined>
  /** Newest first, without the deleted. */
  history(query: HistoryQuery): Promise<PageOf<Message>>
}

/**
 * Unread = messages after the reader's position that are not their own, not deleted and not marked singly.
 * Counts come from counters and indexes and equal a recount from the log after any mix of writes.
 */
export interface ReadStateReads {
  unreadCounts(user: UserId): Promise<Record<Scope, number>>
  /** Rooms of the scope in which something is unread. */
  unreadRooms(user: UserId, scope: Scope): Promise<readonly RoomId[]>
  /** Oldest first. */
  unread(user: UserId, scope: Scope, page: PageQuery): Promise<readonly Message[]>
  /** Who read the message and when, in order of reading. Kept to the second, never before the message. */
  receipts(message: MessageId): Promise<readonly { readonly user: UserId; readonly at: number }[]>
}

export interface CollectionReads {
  collection(id: CollectionId): Promise<Collection | undefined>
  /** Newest first; everyone's when `owner` is null. */
  collections(owner: UserId | null, page: PageQuery): Promise<PageOf<Collection>>
}
