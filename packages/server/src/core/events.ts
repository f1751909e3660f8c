import type { MessageId, RoomId, UserId } from './ids.ts'
import type { ShownMessage } from './message.ts'
import type { Room } from './room.ts'
import type { User } from './user.ts'

/** A durable event of a room, published after its commit. `seq` is dense per room: a follower sees a gap at once. */
export type RoomEvent = { readonly room: Room; readonly seq: number } & (
  | ({ readonly type: 'message.sent' | 'message.edited' } & ShownMessage)
  | { readonly type: 'message.deleted'; readonly messageId: MessageId; readonly ordinal: number }
)

/** A durable event of the directory room. */
export type DirectoryEvent = { readonly directory: RoomId; readonly seq: number } & (
  | { readonly type: 'user.created' | 'user.changed' | 'user.deleted'; readonly user: User }
  /** Some of the user's credentials are dead; which are alive the store knows. */
  | { readonly type: 'credentials.revoked'; readonly user: User }
)

export type DurableEvent = RoomEvent | DirectoryEvent

/** An event that may be merged or dropped under pressure. */
export type EphemeralEvent =
  | { readonly type: 'typing.started'; readonly user: User; readonly to: User | null }
  /** `messages` are the newest that went from unread to read, at most READ_EVENT_MAX, in the order they were stored. */
  | {
      readonly type: 'read.moved'
      readonly room: RoomId
      readonly reader: User
      readonly at: number
      readonly messages: readonly { readonly id: MessageId; readonly author: UserId }[]
    }
  | { readonly type: 'presence.changed'; readonly user: User; readonly online: boolean }

export type CoreEvent = DurableEvent | EphemeralEvent

/** How many messages one mark names at the most. */
export const READ_EVENT_MAX = 1_000

export const isRoomEvent = (event: CoreEvent): event is RoomEvent => 'room' in event && 'seq' in event
export const isDirectoryEvent = (event: CoreEvent): event is DirectoryEvent => 'directory' in event
