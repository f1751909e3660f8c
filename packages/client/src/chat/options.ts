import type { BackoffOptions } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Credentials } from './access.ts'
import type { ConnectionState } from './connection.ts'
import type { ChatError } from './errors.ts'
import type { Presence } from './frames.ts'
import type { Room } from './room.ts'
import type { SentMessage } from './room-log.ts'
import type { ChatStorage } from './storage.ts'

export type ChatClientOptions = Credentials & {
  /** Default: the variable `PARLEY_URL`, else the server that the page came from, else this machine, port 8000. */
  readonly url?: string | undefined
  /** Longest wait for a connection or an answer, in milliseconds. Default 30,000. */
  readonly timeout?: number | undefined
  /** Waits between attempts to connect, and to send what the server was too busy for. */
  readonly backoff?: BackoffOptions | undefined
  /** Where unconfirmed messages and cursors outlive this object. Default: nowhere. */
  readonly storage?: ChatStorage | undefined
  /** Most messages of a room in memory. Default 500. */
  readonly keep?: number | undefined
  /** Most messages that wait to be sent, refused ones included. Default 1,000. */
  readonly outbox?: number | undefined
  /** Most rooms of the list that are loaded. Default 2,000. */
  readonly maxRooms?: number | undefined
  /** Time and chance, for tests. */
  readonly clock?: Clock | undefined
}

/** What a ChatClient tells of. */
export type ChatEvent =
  | { readonly type: 'state'; readonly state: ConnectionState }
  /** The list of rooms, its order, or anything it shows is another. Once for many changes. */
  | { readonly type: 'rooms' }
  /** We are in a room that we were not in. */
  | { readonly type: 'room'; readonly room: Room }
  /** Unread messages of all rooms. */
  | { readonly type: 'unread'; readonly unread: number }
  /** A new message in any room. */
  | { readonly type: 'message'; readonly room: Room; readonly message: SentMessage }
  | ({ readonly type: 'presence' } & Presence)
  /** What the server complained of without being asked, what the storage threw, or what a listener threw. */
  | { readonly type: 'error'; readonly error: ChatError | Error }
