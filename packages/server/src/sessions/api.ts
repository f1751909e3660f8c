import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Core } from '../core/core.ts'
import type { ConnectionId } from '../core/events.ts'
import type { UserId } from '../core/ids.ts'
import type { View } from '../protocols/view.ts'
import type { Connection } from './connections.ts'
import type { DoorSettings } from './doors.ts'
import type { Log, Observer } from './observe.ts'
import type { OutboxLimits } from './outbox.ts'
import type { TrustSettings } from './trust.ts'

/** Beside what a door needs: seconds between two heartbeats, and of silence until a socket is given up. */
export interface SessionSettings extends DoorSettings {
  readonly trust: TrustSettings
  /** Sockets open at one time; more are refused with 503. */
  readonly maxConnections: number
  readonly outbox: OutboxLimits
  /** Seconds a reader may take nothing at all before it is told to come back. */
  readonly stuckSeconds: number
  /** Seconds a client has to answer our goodbye. */
  readonly closeSeconds: number
  /** The same when the server stops and waits for it. */
  readonly stopSeconds: number
}

export interface Dependencies {
  readonly core: Core
  readonly views: readonly View[]
  readonly settings: SessionSettings
  readonly observer: Observer
  readonly log: Log
}

/** All open sockets of this node. */
export interface Sessions {
  /** To be called before the first upgrade. */
  start(): Promise<void>
  /** Listener for the HTTP server's `upgrade` event. Answers every request: with a socket or an HTTP status. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** To be called every second: heartbeats, stale and stuck sockets, and every other second missed events. */
  tick(): void
  connections(): readonly Connection[]
  /** Sockets of a user. */
  connectionsOf(user: UserId): readonly Connection[]
  connection(id: ConnectionId): Connection | undefined
  readonly counts: {
    readonly sockets: number
    readonly users: number
    /** Rooms that some socket is shown. */
    readonly rooms: number
    readonly waitingBytes: number
    readonly behind: number
  }
  /** Refuses new sockets, tells the open ones to come back (1012), and resolves when all are gone. */
  drain(): Promise<void>
}
