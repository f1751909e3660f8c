import type { StoredFile } from './file.ts'
import type { FileId, MessageId, RoomId, RunId, UserId } from './ids.ts'
import type { ShownMessage } from './message.ts'
import type { PresenceStatus } from './presence.ts'
import type { Room } from './room.ts'
import type { Run, RunStep } from './run.ts'
import type { User } from './user.ts'

/** Names one connection, on whatever node, to events that treat it unlike the others. */
export type ConnectionId = string

/** A durable event of a room, published after its commit. `seq` is dense per room: a follower sees a gap at once. */
export type RoomEvent = { readonly room: Room; readonly seq: number; readonly at: number } & (
  | ({ readonly type: 'message.sent' | 'message.edited' } & ShownMessage)
  | { readonly type: 'message.deleted'; readonly messageId: MessageId; readonly ordinal: number }
  /** `members` is how many there are after it. */
  | { readonly type: 'member.joined' | 'member.left'; readonly user: User; readonly members: number }
  | { readonly type: 'room.changed' | 'room.deleted' }
  | { readonly type: 'run.started'; readonly run: Run; readonly agent: User; readonly asker: User }
  /** A run ended without any text, so that no message tells of it. */
  | { readonly type: 'run.ended'; readonly run: Run; readonly agent: User; readonly asker: User }
  | { readonly type: 'file.added'; readonly file: StoredFile; readonly uploader: User }
  /** What happened here is erased; only its place is left. Not published: the log has it. */
  | { readonly type: 'gone' }
) & {
    /** The connection that an answer is for, which a documented client's other connections are not shown. */
    readonly via?: ConnectionId | undefined
  }

/** A durable event of the directory room. */
export type DirectoryEvent = { readonly directory: RoomId; readonly seq: number } & (
  | { readonly type: 'user.created' | 'user.changed' | 'user.deleted'; readonly user: User }
  /** Some of the user's credentials are dead; which are alive the store knows. */
  | { readonly type: 'credentials.revoked'; readonly user: User }
)

/** Steps of a run, published after their commit, in the run's own order. */
export interface RunEvent {
  readonly type: 'run.moved'
  readonly of: Room
  readonly run: Run
  readonly agent: User
  readonly asker: User
  /** Consecutive, at least one. */
  readonly steps: readonly RunStep[]
  readonly via?: ConnectionId | undefined
}

export type DurableEvent = RoomEvent | DirectoryEvent | RunEvent

/** An event that may be merged or dropped under pressure. */
export type EphemeralEvent =
  | {
      readonly type: 'typing.changed'
      readonly user: User
      /** Null for a direct room that is not made yet. */
      readonly in: Room | null
      /** The only one who is told, of a direct room; null elsewhere. */
      readonly to: User | null
      readonly isTyping: boolean
      readonly via?: ConnectionId | undefined
    }
  /** `messages` are the newest that went from unread to read, at most READ_EVENT_MAX, in the order they were stored. */
  | {
      readonly type: 'read.moved'
      readonly in: Room
      readonly reader: User
      readonly at: number
      readonly messages: readonly { readonly id: MessageId; readonly author: UserId; readonly ordinal: number }[]
      /** The reader's position after it: everything up to this ordinal is read. */
      readonly readTo: number
    }
  /** The user asked for the lobby, as for a room one joins, or no longer does. */
  | { readonly type: 'lobby.chosen'; readonly user: User; readonly isChosen: boolean }
  | {
      readonly type: 'presence.changed'
      readonly user: User
      readonly status: PresenceStatus
      readonly text: string | null
    }
  | {
      readonly type: 'upload.progressed'
      readonly in: Room
      readonly uploader: User
      readonly file: FileId
      readonly name: string
      /** 0 to 1. */
      readonly progress: number
    }

export type CoreEvent = DurableEvent | EphemeralEvent

/** Whose log a position is in. */
export type LogId = RoomId | RunId

/** How many messages one mark names at the most. */
export const READ_EVENT_MAX = 1_000

/** Whether it tells of a text that is new, another or gone. */
export const isAboutText = ({ type }: CoreEvent): boolean =>
  type === 'message.sent' || type === 'message.edited' || type === 'message.deleted'

export const isRoomEvent = (event: CoreEvent): event is RoomEvent => 'room' in event && 'seq' in event
export const isDirectoryEvent = (event: CoreEvent): event is DirectoryEvent => 'directory' in event
