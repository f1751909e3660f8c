import { BATCH_MAX } from '@parley/protocol/agents/limits'
import { type Clock, systemClock } from '../clock.ts'

/** Sends messages together: `batchSize` of them at once, fewer `flushInterval` milliseconds after the first. */
export class MessageBatcher {
  /** The socket itself, such as `connection.ws`. Another one may be set after a lost connection. */
  ws: Pick<WebSocket, 'send' | 'readyState'>
  readonly batchSize: number
  readonly flushInterval: number
  /** What was not sent yet. */
  messageQueue: object[] = []
  readonly #clock: Clock
  #cancelTimer: (() => void) | undefined

  constructor(
    ws: Pick<WebSocket, 'send' | 'readyState'>,
    batchSize = 10,
    flushInterval = 100,
    clock: Clock = systemClock,
  ) {
    this.ws = ws
    this.batchSize = batchSize
    this.flushInterval = flushInterval
    this.#clock = clock
  }

  /** `message` is a frame as the server takes it. */
  queueMessage(message: object): void {
    this.messageQueue.push(message)
    if (this.messageQueue.length >= this.batchSize) this.flush()
    else this.#cancelTimer ??= this.#clock.after(this.flushInterval, () => this.flush())
  }

  /** Sends what waits, 100 messages a frame at most. What the socket can't take stays; while it connects it is tried again. */
  flush(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    while (this.messageQueue.length > 0 && this.ws.readyState === WebSocket.OPEN) {
      const messages = this.messageQueue.splice(0, BATCH_MAX)
      this.ws.send(JSON.stringify({ type: 'batch', messages, timestamp: new Date().toISOString() }))
    }
    if (this.messageQueue.length > 0 && this.ws.readyState === WebSocket.CONNECTING)
      this.#cancelTimer = this.#clock.after(this.flushInterval, () => this.flush())
  }
}
