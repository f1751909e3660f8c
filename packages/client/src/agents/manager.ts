import { type Clock, systemClock } from '../clock.ts'
import { type AgentsOptions, BooksWriterWebSocket } from './socket.ts'

/** A connection that is looked after. */
export interface ManagedConnection {
  readonly ws: BooksWriterWebSocket
  /** When a frame other than a heartbeat last came or went, in milliseconds since 1970. */
  lastActivity: number
  /** Takes the next heartbeat back. */
  heartbeatTimer: (() => void) | null
}

/** Keeps connections alive, and closes those that nobody uses. */
export class ConnectionManager {
  readonly connections = new Map<string, ManagedConnection>()
  /** In milliseconds. */
  heartbeatInterval = 30_000
  /** In milliseconds. */
  maxIdleTime = 300_000
  readonly #options: AgentsOptions
  readonly #clock: Clock

  constructor(options: AgentsOptions = {}) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** A connection of that session, the same until it is closed here. To connect is up to the caller. */
  createConnection(sessionId: string): BooksWriterWebSocket {
    const known = this.connections.get(sessionId)
    if (known) return known.ws
    const ws = new BooksWriterWebSocket(sessionId, this.#options)
    this.connections.set(sessionId, {
      ws,
      heartbeatTimer: null,
      get lastActivity() {
        return ws.lastActivity
      },
      set lastActivity(at) {
        ws.lastActivity = at
      },
    })
    this.startHeartbeat(sessionId)
    return ws
  }

  /** Sends a heartbeat each `heartbeatInterval`; closes the connection where it finds it idle. */
  startHeartbeat(sessionId: string): void {
    const connection = this.connections.get(sessionId)
    if (!connection) return
    connection.heartbeatTimer?.()
    connection.heartbeatTimer = this.#clock.after(this.heartbeatInterval, () => {
      if (this.#clock.now() - connection.lastActivity > this.maxIdleTime) return this.closeConnection(sessionId)
      if (connection.ws.ws?.readyState === WebSocket.OPEN) connection.ws.sendMessage('ping')
      this.startHeartbeat(sessionId)
    })
  }

  /** Ends it for good. */
  closeConnection(sessionId: string): void {
    const connection = this.connections.get(sessionId)
    if (!connection) return
    connection.heartbeatTimer?.()
    connection.ws.close()
    this.connections.delete(sessionId)
  }
}
