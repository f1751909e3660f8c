import type { MessageId, RoomId, RunId, UserId } from './ids.ts'
import type { Run } from './run.ts'
import type { User } from './user.ts'

/** Longest text of a message, in Unicode code points. */
export const BODY_MAX = 10_000

export type MessageKind = 'text' | 'system'

export interface Message {
  readonly id: MessageId
  /** Server-wide integer, for documents that show messages as integers. Dense within nothing. */
  readonly number: number
  readonly room: RoomId
  /** Position in the room's log of all durable events, from 1, dense. */
  readonly seq: number
  /** Position among the room's messages, from 1, dense. */
  readonly ordinal: number
  readonly sender: UserId
  readonly kind: MessageKind
  /** Exactly as sent: no trimming, no normalising. Empty once deleted. */
  readonly body: string
  readonly clientId: string | null
  readonly replyTo: MessageId | null
  /** The conversation it belongs to, if any. */
  readonly conversation: number | null
  /** The run whose text it is; null for what people and bots send. */
  readonly run: RunId | null
  /** Milliseconds since 1970; never falls within a room. */
  readonly at: number
  readonly editedAt: number | null
  readonly deletedAt: number | null
}

/** A message with the people a reader of it wants named. */
export interface ShownMessage {
  readonly message: Message
  readonly sender: User
  /** The other user in a direct room; null elsewhere. */
  readonly recipient: User | null
  /** The run whose text it is, and whom that answers. */
  readonly run: Run | null
  readonly asker: User | null
}

/** Whether `text` has at most `max` code points, without counting further than needed. */
export function fits(text: string, max: number): boolean {
  if (text.length <= max) return true
  if (text.length > max * 2) return false
  let points = 0
  for (const _ of text) if (++points > max) return false
  return true
}
