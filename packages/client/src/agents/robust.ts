import { type AgentsOptions, BooksWriterWebSocket, type Message } from './socket.ts'

export interface RobustOptions extends AgentsOptions {
  /** Attempts in a row. Default 10. */
  readonly maxReconnectAttempts?: number | undefined
  /** The wait before the first one, in milliseconds. Default 1,000. */
  readonly reconnectDelay?: number | undefined
  /** The longest wait, in milliseconds. Default 30,000. */
  readonly maxReconnectDelay?: number | undefined
  /** What each wait is multiplied by for the next. Default 2. */
  readonly backoffMultiplier?: number | undefined
}

/** Messages that wait for a connection; further ones are refused. */
export const QUEUE_MAX = 1_000

/** A session whose messages wait for a connection, in order, and whose attempts to get one are further and further apart. */
export class RobustWebSocket extends BooksWriterWebSocket {
  maxReconnectDelay: number
  backoffMultiplier: number
  /** What is sent once there is a connection. */
  messageQueue: Message[] = []
  isReconnecting = false

  constructor(sessionId: string, options: RobustOptions = {}) {
    super(sessionId, options)
    this.maxReconnectAttempts = options.maxReconnectAttempts ?? 10
    this.reconnectDelay = options.reconnectDelay ?? 1_000
    this.maxReconnectDelay = options.maxReconnectDelay ?? 30_000
    this.backoffMultiplier = options.backoffMultiplier ?? 2
  }

  /** Asks the team, after everything that waits. Without a connection it waits for one, and begins to get one unless closed. */
  override sendMessage(content: string, userId: string | null = null): void {
    const message = this.message(content, userId)
    if (this.messageQueue.length === 0 && this.send(message)) return
    if (this.messageQueue.length >= QUEUE_MAX) {
      this.tell(() => this.onError({ message: `More than ${QUEUE_MAX} messages wait for a connection` }))
      return
    }
    this.messageQueue.push(message)
    const isOver = this.ws === null || this.ws.readyState === WebSocket.CLOSED
    if (isOver && !this.isReconnecting && !this.isClosed) this.handleReconnection()
  }

  override handleReconnection(): void {
    this.isReconnecting = this.reconnectAttempts < this.maxReconnectAttempts
    if (!this.isReconnecting) return this.onMaxReconnectAttemptsReached()
    const delay = this.reconnectDelay * this.backoffMultiplier ** this.reconnectAttempts++
    this.connectIn(Math.min(delay, this.maxReconnectDelay))
  }

  override close(): void {
    this.isReconnecting = false
    super.close()
  }

  /** The last attempt failed. What waits stays; `connect()` tries again. */
  onMaxReconnectAttemptsReached(): void {
    this.logger.error('Max reconnection attempts reached')
    this.tell(() => this.onError({ message: 'Failed to reconnect after maximum attempts' }))
  }

  protected override opened(): void {
    this.isReconnecting = false
    for (let [next] = this.messageQueue; next && this.send(next); [next] = this.messageQueue) this.messageQueue.shift()
  }
}
