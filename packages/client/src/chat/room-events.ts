import type { FailedMessage, LogEvent, SendingMessage, SentMessage } from './room-log.ts'
import type { Run } from './run.ts'
import type { Person } from './wire.ts'

/** What a room tells of. Those with `seq` come once each and in the order of the room's log. */
export type RoomEvent =
  | Exclude<LogEvent, { readonly type: 'run_started' | 'run_ended' }>
  /** An agent begins to answer, or is found answering: then `seq` is null. */
  | { readonly type: 'run'; readonly seq: number | null; readonly run: Run }
  /** It ended without text; with text, a `message` tells. */
  | { readonly type: 'run_ended'; readonly seq: number; readonly run: Run }
  /** A message of our own is on its way. */
  | { readonly type: 'sending'; readonly message: SendingMessage }
  /** The server has it. */
  | { readonly type: 'sent'; readonly message: SentMessage }
  | { readonly type: 'failed'; readonly message: FailedMessage }
  /** Who types now, without us. */
  | { readonly type: 'typing'; readonly people: readonly Person[] }
  /** Somebody read messages of ours, up to that ordinal. `message_ids` are the newest of them. */
  | ({ readonly type: 'read'; readonly up_to: number; readonly message_ids: readonly string[] } & Person)
  | { readonly type: 'unread'; readonly unread: number; readonly read_to: number }
  /** More was missed than can be sent again: events were passed over, and the messages are loaded anew. */
  | { readonly type: 'reset' }
  /** We are no longer in the room, or are again. */
  | { readonly type: 'membership'; readonly membership: Membership }
  /** Anything that is shown of the room changed. Once for many changes. */
  | { readonly type: 'update' }

/** `unknown` until the server said. */
export type Membership = 'unknown' | 'member' | 'left' | 'deleted'
