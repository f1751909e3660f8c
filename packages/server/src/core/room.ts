import type { RoomId, UserId } from './ids.ts'

/**
 * - `lobby`: one per server, everyone is in it.
 * - `direct`: two users (or one, talking to itself); nobody can join.
 * - `directory`: no people and no messages; its log tells of users made, changed, deleted and locked out, so that every
 *   node follows those the way it follows a room.
 */
export type RoomKind = 'lobby' | 'direct' | 'directory'

export interface Room {
  readonly id: RoomId
  readonly kind: RoomKind
  /** The two users of a direct room in the order of their ids (twice the same for a note to oneself); null elsewhere. */
  readonly pair: readonly [UserId, UserId] | null
}

/** Which rooms a question is about. */
export type Scope = 'lobby' | 'direct'

/** The other user of a direct room; oneself in a note to oneself. */
export function otherOf(pair: readonly [UserId, UserId], user: UserId): UserId {
  return pair[0] === user ? pair[1] : pair[0]
}
