import type { Collection } from '../collection.ts'
import type { Conversation } from '../conversation.ts'
import type { StoredFile, Upload } from '../file.ts'
import type { CollectionId, FileId, MessageId, RoomId, RunId, SignInId, UserId } from '../ids.ts'
import type { Message, MessageKind } from '../message.ts'
import type { Refusal } from '../refusals.ts'
import type { AssistantRule, JoinableKind, Room } from '../room.ts'
import type { AskOptions, Run } from '../run.ts'
import type { User } from '../user.ts'
import type { AgentWrites } from './agent-writes.ts'

/** All times are milliseconds since 1970, given by the core. */
export interface NewMessage {
  readonly id: MessageId
  readonly room: RoomId
  readonly sender: UserId
  readonly kind: MessageKind
  readonly body: string
  readonly replyTo: MessageId | null
  /** Present when the client named its message; then a repeat of (sender, client id, digest) finds the first message. */
  readonly retry: RetryKey | null
  /** Null for the room's own, or none. */
  readonly conversation: number | null
  /** The run that is to answer it. It starts with the message: where one is stored, both are. */
  readonly run: NewRun | null
  readonly at: number
}

export interface NewRun {
  readonly id: RunId
  readonly agent: UserId
  readonly options: AskOptions
}

export interface RetryKey {
  readonly clientId: string
  /** Keyed digest of room and body, 64 hex digits. */
  readonly digest: string
  /** What the same client id with another digest means: a new message (documented clients reuse ids) or an error. */
  readonly onConflict: 'new' | 'refuse'
}

/** What the store gave a new message, or the message that an earlier attempt stored. */
export type Appended =
  | {
      readonly state: 'stored'
      readonly number: number
      readonly seq: number
      readonly ordinal: number
      /** The message's time: the draft's, or the room's latest if that was later. */
      readonly at: number
      /** As the message asked, else the room's. */
      readonly conversation: number | null
      /** The run that started with it, and the position of its start in the room's log: the one after the message's. */
      readonly run: { readonly run: Run; readonly seq: number } | null
    }
  | { readonly state: 'repeated'; readonly first: Message }

/** What a mark changed. */
export interface Marked {
  readonly room: RoomId
  /** Messages that went from unread to read. */
  readonly changed: number
  /** Those that got their first receipt by this mark, the newest READ_EVENT_MAX of them, in stored order. */
  readonly receipts: readonly { readonly id: MessageId; readonly author: UserId; readonly ordinal: number }[]
  /** The reader's position after it. */
  readonly readTo: number
}

/** What a room is made of. */
export interface NewRoom {
  readonly id: RoomId
  readonly kind: JoinableKind
  readonly label: string
  readonly name: string
  /** Its first member. */
  readonly owner: UserId
  readonly assistant: AssistantRule
}

export type RoomPatch = Partial<Pick<Room, 'name' | 'owner' | 'assistant' | 'isClosed'>>

/** A membership that was made or ended: its place in the room's log, and how many members there are after it. */
export interface MemberMoved {
  readonly seq: number
  readonly at: number
  readonly members: number
}

export interface NewKey {
  /** Keyed digest of the key. */
  readonly digest: string
  /** The key itself, sealed, because it is shown to its owner again. */
  readonly sealed: string
}

/**
 * A one-time token. Only its keyed digest is stored. The subject of one that resets a password or verifies an e-mail
 * address is the user's id; it dies when the address it was mailed to is no longer the user's.
 */
export interface Ticket {
  readonly digest: string
  readonly purpose: 'magic-link' | 'first-admin' | 'password-reset' | 'verify-email'
}

/** What comes with a user who registers with a password. */
export interface Registration {
  /** Hash of the password. */
  readonly password: string
  readonly fullName: string | null
}

export type UserPatch = Partial<Pick<User, 'name' | 'role' | 'email' | 'webhookUrl' | 'logo' | 'emoji'>>

export interface SignIn {
  readonly id: SignInId
  readonly user: UserId
  /** Keyed digest of the session token, or of what names the current refresh token. */
  readonly digest: string
  /** Made with the user's API key, and ends with it. Not counted as the user's last sign-in. */
  readonly byKey?: boolean
  readonly createdAt: number
  readonly expiresAt: number
}

/**
 * Everything that can be written, by name. Each is atomic: it happens whole or, refused, changes nothing.
 * Refusals are checked in the order named. A write that brings an id or a digest which is already there for something
 * else is refused with id_conflict, even where that is not named.
 * `seq` in an answer is the position of the log row the write made (in the message's room, or in the directory).
 */
export interface Writes extends AgentWrites {
  /**
   * Gives seq and ordinal, writes the log row and the retry key, and starts the run if there is one. A repeat is answered
   * first, wherever its sender is now, with what is left of a message that was deleted or erased. Refuses room_unknown (also
   * deleted), not_member, conversation_unknown (none of the room's, or of another owner), id_conflict.
   */
  'message.append': { in: NewMessage; out: Appended }
  /** Refuses message_unknown (also for a deleted message). */
  'message.edit': { in: { id: MessageId; body: string; at: number }; out: { message: Message; seq: number } }
  /** Empties the text; keeps the row, its ordinal, log row and retry key. Refuses message_unknown. */
  'message.delete': { in: { id: MessageId; at: number }; out: { message: Message; seq: number } }
  /**
   * The direct room of the two users, made with both as members unless it is there. `pair` is sorted.
   * Refuses to make one with a user who is unknown or deleted: user_unknown.
   */
  'room.open_direct': { in: { id: RoomId; pair: readonly [UserId, UserId]; at: number }; out: { room: Room } }
  /**
   * Makes a room with its owner in it. Those of kind shared and group get a conversation of their own.
   * Refuses user_unknown (also deleted), room_exists (its label was ever used, by the lobby and deleted rooms too).
   */
  'room.create': { in: { room: NewRoom; at: number }; out: { room: Room } & MemberMoved }
  /** Refuses room_unknown (also deleted), not_member (the new owner is none). */
  'room.change': { in: { room: RoomId; patch: RoomPatch; at: number }; out: { room: Room; seq: number; at: number } }
  /**
   * From now on nobody is in it and nothing of it is found; its label stays taken. What it held is erased by `room.erase`.
   * Refuses room_unknown (also deleted, and of a kind that stays: the lobby and direct rooms).
   */
  'room.delete': { in: { room: RoomId; at: number }; out: { room: Room; seq: number; at: number } }
  /**
   * Erases at most `limit` rows of a deleted room: memberships, read states, messages, runs, approvals. Retry keys stay, and what they are
   * answered with. Fewer than `limit`: nothing is left. Refuses room_unknown (also a living one).
   */
  'room.erase': { in: { room: RoomId; limit: number }; out: { removed: number } }
  /**
   * Makes the user a member with nothing unread. Who is one already stays one, except that a member of the lobby who never asked
   * for it is now one who did; that is `present` too. Refuses room_unknown (also deleted), user_unknown (also deleted).
   */
  'member.join': {
    in: { room: RoomId; user: UserId; at: number }
    out: ({ readonly state: 'joined' } & MemberMoved) | { readonly state: 'present' }
  }
  /**
   * Ends a membership and its read state. In the lobby the user is no longer one who asked for it, and nothing is logged:
   * `seq` is 0. A room that loses its last member stays. Refuses room_unknown, not_member (in the lobby: never asked for it).
   */
  'member.leave': { in: { room: RoomId; user: UserId; at: number }; out: MemberMoved }
  /**
   * Notes up to where documented clients of the user were shown each room. Never moves back, nor beyond the room's last seq;
   * other rooms are passed over.
   */
  'member.heard': { in: { user: UserId; rooms: readonly { room: RoomId; seq: number }[] }; out: object }
  /**
   * Makes a conversation of `owner`: in a room (private, where they must be a member), or in a room of its own of kind
   * `conversation` with the id `room.id`, whose name is the title. Refuses room_unknown (also not private), not_member, and for a room of its own
   * user_unknown, id_conflict.
   */
  'conversation.open': {
    in: {
      owner: UserId
      room: { readonly in: RoomId } | { readonly own: RoomId }
      title: string | null
      /** What a client that comes back calls it. */
      session?: string
      at: number
    }
    out: { conversation: Conversation; room: Room }
  }
  /** From now on no session finds the conversation. Refuses conversation_unknown. */
  'conversation.let_go': { in: { number: number }; out: object }
  /** Absent fields stay. Refuses conversation_unknown. */
  'conversation.change': {
    in: { number: number; title?: string | null; model?: string | null }
    out: { conversation: Conversation }
  }
  /**
   * A person's conversation in a room of its own: deletes that room as `room.delete` does. In a private room: the conversation is
   * forgotten, its messages stay in the room; nothing is logged, so `seq` is 0. Refuses conversation_unknown (also the room's own).
   */
  'conversation.delete': { in: { number: number; at: number }; out: { room: Room | null; seq: number; at: number } }
  /** Refuses storage_insufficient: the owner's files and open uploads would exceed `quota` bytes, or all together `total`. */
  'upload.begin': { in: { upload: Upload; quota: number | null; total: number | null }; out: object }
  /** Refuses upload_unknown. */
  'upload.drop': { in: { id: FileId }; out: object }
  /** Makes an upload a file, logged in its room as `file.added`; seq is 0 without a room, or when that was deleted. Refuses upload_unknown. */
  'file.add': { in: { file: StoredFile }; out: { seq: number; at: number } }
  /** Forgets a file. Refuses file_unknown. */
  'file.drop': { in: { id: FileId }; out: object }
  /** Erases at most `limit` of a room's oldest messages beyond the newest `keep`, the deleted counted. Refuses room_unknown. */
  'room.trim': { in: { room: RoomId; keep: number; limit: number }; out: { removed: number } }
  /** Refuses message_unknown, also when `user` is no member of its room. Own messages: changed 0, no receipt. */
  'read.message': { in: { user: UserId; id: MessageId; at: number }; out: Marked }
  /**
   * Marks everything up to ordinal `upTo` (the head at most) read. Never moves back. Where that would keep others waiting it
   * marks a part, the oldest, and answers that there is more. Refuses not_member.
   */
  'read.room': {
    in: { user: UserId; room: RoomId; upTo: number | 'head'; at: number }
    out: Marked & { readonly more: boolean }
  }
  /**
   * Makes a person or bot a member of the lobby too, with nothing unread. Of a guest the directory is not told: seq is 0. Refuses name_taken,
   * email_taken, token_refused.
   */
  'user.create': {
    in: { user: User; key: NewKey | null; registration?: Registration; ticket: Ticket | null; at: number }
    out: { seq: number }
  }
  /** Another e-mail address is an unverified one. Refuses user_unknown (also deleted), name_taken, email_taken. */
  'user.change': { in: { id: UserId; patch: UserPatch; at: number }; out: { user: User; seq: number } }
  /**
   * Ends keys, password, sign-ins, memberships (told in the logs of rooms that people join) and conversations (with the rooms of
   * their own), deletes artefacts, clears full name, e-mail, webhook and pictures; keeps name and messages. Also deletes the user's
   * bots, whose rows come back in `users` with it. Refuses user_unknown.
   */
  'user.delete': { in: { id: UserId; at: number }; out: { users: readonly { user: User; seq: number }[] } }
  /**
   * Erases at most `limit` rows of a guest, in the end the guest: their conversations with everything in them, artefacts and retry
   * keys. From the first call on the guest is deleted. Refuses user_unknown (also anybody who is no guest).
   */
  'guest.erase': { in: { id: UserId; limit: number; at: number }; out: { isDone: boolean } }
  /** Ends all keys of the user, with the sign-ins made by key, and gives a new one. Refuses user_unknown. */
  'key.replace': { in: { user: UserId; key: NewKey; at: number }; out: { user: User; seq: number } }
  /**
   * Spends `ticket` and starts a sign-in. `hash` is of the password that proved it. Refuses user_unknown, token_refused
   * (spent, unknown or expired at `at`), credentials_wrong (another password was set meanwhile).
   */
  'sign_in.start': { in: { signIn: SignIn; hash?: string; ticket: Ticket | null; at: number }; out: object }
  /** Ends a sign-in of the user, told in the directory. No error when it is not there. Refuses user_unknown. */
  'sign_in.end': { in: { id: SignInId; user: UserId; at: number }; out: { seq: number } }
  /**
   * Lets a sign-in go on until `expiresAt` with `next` as its digest, if `digest` is its present one. Another digest is an
   * older one that somebody kept: the sign-in ends, told in the directory. Refuses user_unknown, token_refused (no such
   * sign-in of the user, or expired at `at`).
   */
  'sign_in.refresh': {
    in: { id: SignInId; user: UserId; digest: string; next: string; expiresAt: number; at: number }
    out: { readonly state: 'refreshed' } | { readonly state: 'reused'; readonly seq: number }
  }
  /**
   * Gives the user a password, or none, spends `ticket` and ends all sign-ins but `keep`, told in the directory; tickets that would
   * reset the password die. Refuses user_unknown, token_refused.
   */
  'password.set': {
    in: { user: UserId; hash: string | null; keep: SignInId | null; ticket: Ticket | null; at: number }
    out: { user: User; seq: number }
  }
  /** Spends `ticket`, if one is needed, and takes the user's e-mail address as theirs. Refuses user_unknown, token_refused. */
  'email.verify': { in: { user: UserId; ticket: Ticket | null; at: number }; out: object }
  /** Stores a ticket; an older one of the same purpose and subject dies. `subject` comes back from `tickets`. */
  'ticket.issue': { in: { ticket: Ticket; subject: string; expiresAt: number; at: number }; out: object }
  /** Forgets which messages changed, up to one of the changes and at most `limit` of them: who asks has gone past. Fewer: all are. */
  'search.forget': { in: { upTo: number; limit: number }; out: { removed: number } }
  'collection.create': { in: { collection: Collection }; out: object }
  /** Absent fields stay. Refuses collection_unknown. */
  'collection.change': {
    in: { id: CollectionId; patch: Partial<Pick<Collection, 'title' | 'description' | 'messages'>> }
    out: { collection: Collection }
  }
  /** Refuses collection_unknown. */
  'collection.delete': { in: { id: CollectionId }; out: object }
}

export type WriteType = keyof Writes
export type WriteOf<T extends WriteType> = { readonly type: T } & Readonly<Writes[T]['in']>
export type Write = { [T in WriteType]: WriteOf<T> }[WriteType]

export type Outcome<T extends WriteType = WriteType> =
  | { readonly state: 'done'; readonly value: Writes[T]['out'] }
  | { readonly state: 'refused'; readonly refusal: Refusal }
