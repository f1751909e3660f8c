import type { RoomId, UserId } from './ids.ts'

/** A thread of messages that the assistant answers in the light of. */
export interface Conversation {
  /** Server-wide, given by the store, never again. */
  readonly number: number
  readonly room: RoomId
  /** Whose it is: of a person alone, or in a private room; null for the one that a shared, group or lobby room has. */
  readonly owner: UserId | null
  readonly title: string | null
  /** The model that answers in it where a message names none; null for the standard one. */
  readonly model: string | null
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Time of its latest message; `createdAt` before the first. */
  readonly lastAt: number
}

/** Longest title, in Unicode code points. */
export const TITLE_MAX = 200
