import type { Duplex } from 'node:stream'
import type { LogId } from '../core/events.ts'

/** Bytes that may wait in a socket. */
export interface OutboxLimits {
  /** Above this nothing is pushed any more; what is missed is fetched from the log when the socket drains. */
  readonly soft: number
  /** Above this a further answer closes the connection: the client asks and does not read. */
  readonly hard: number
}

/**
 * - `live`: pushed to.
 * - `behind`: not pushed to. `missed` holds, for each log, the last position that was written: it is read from there.
 *   `logs` are all that were missed from since it fell behind.
 * - `closed`: nothing is written any more.
 */
export type Flow =
  | { readonly state: 'live' }
  | {
      readonly state: 'behind'
      readonly missed: Map<LogId, number>
      readonly logs: Set<LogId>
      readonly sinceTick: number
    }
  | { readonly state: 'closed' }

/** Receipts written to one socket in one turn, and those that may wait for the next ones. */
const RECEIPTS_A_TURN = 256
const RECEIPTS_MAX = 4_096

const LIVE: Flow = { state: 'live' }
const CLOSED: Flow = { state: 'closed' }

/** What waits to be written to one socket, and whether it keeps up. Costs no object while nothing waits. */
export class Outbox {
  readonly #socket: Duplex
  readonly #limits: OutboxLimits
  #own: Buffer[] = []
  #ownBytes = 0
  #receipts: Buffer[] = []
  /** What waited when `isStalled` was asked last, if it was too much and nothing went out since. */
  #stalledAt = 0
  flow: Flow = LIVE
  /** Tick at which the socket last took something after it had been full. */
  progressedAt = 0
  /** Marks, by the number of a flush, that this outbox gets bytes of its own in it. */
  stamp = 0

  constructor(socket: Duplex, limits: OutboxLimits) {
    this.#socket = socket
    // Below the stream's own mark it would never tell us that it drained.
    this.#limits = { ...limits, soft: Math.max(limits.soft, socket.writableHighWaterMark) }
  }

  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  /** Whether the reader keeps up, so that events may be pushed to it. */
  get isOpen(): boolean {
    return this.flow.state === 'live' && this.#socket.writableLength <= this.#limits.soft
  }

  /** Whether there are events that it has to be shown from the log. */
  get isBehind(): boolean {
    return this.flow.state === 'behind'
  }

  /** Whether the socket holds more than it should. It tells when it has drained. */
  get isFull(): boolean {
    return this.#socket.writableLength > this.#limits.soft
  }

  /** Whether more waits for the reader than should, here and in the socket. May end with a flush or when the socket drains. */
  get isLoaded(): boolean {
    return this.#ownBytes + this.#socket.writableLength > this.#limits.soft
  }

  get isOverfull(): boolean {
    return this.#socket.writableLength > this.#limits.hard
  }

  /** Whether too much waits, and nothing of it went out since this was asked last. */
  isStalled(): boolean {
    const before = this.#stalledAt
    this.#stalledAt = this.isFull ? this.waitingBytes : 0
    return before > 0 && this.#stalledAt >= before
  }

  /** Puts a frame for this socket alone behind the others of this turn. True for the first one. */
  push(frame: Buffer): boolean {
    if (this.flow.state === 'closed') return false
    this.#ownBytes += frame.length
    return this.#own.push(frame) + this.#receipts.length === 1
  }

  /** Like `push`, for what may be spread over turns and, if the reader is slow or has too many, dropped. */
  pushReceipt(frame: Buffer): boolean {
    if (!this.isOpen || this.#receipts.length >= RECEIPTS_MAX) return false
    return this.#receipts.push(frame) + this.#own.length === 1
  }

  /** Writes what `push` gathered, as one write. True when something is left for the next turn. */
  flush(): boolean {
    const receipts = this.#receipts.splice(0, RECEIPTS_A_TURN)
    const frames = receipts.length === 0 ? this.#own : this.#own.concat(receipts)
    this.#own = []
    this.#ownBytes = 0
    const [first] = frames
    if (first) this.write(frames.length === 1 ? first : Buffer.concat(frames))
    return this.#receipts.length > 0
  }

  /** Writes bytes that others may be sent too. */
  write(bytes: Buffer): void {
    if (this.flow.state !== 'closed') this.#socket.write(bytes)
  }

  /** Lets nothing be pushed from now on, so that it is missed. True unless that was so before. */
  hold(tick: number): boolean {
    if (this.flow.state !== 'live') return false
    this.flow = { state: 'behind', missed: new Map(), logs: new Set(), sinceTick: tick }
    return true
  }

  /** Notes that the events of a log after `position` were not written. True when the reader falls behind by it. */
  miss(log: LogId, position: number, tick: number): boolean {
    const fell = this.hold(tick)
    if (this.flow.state !== 'behind') return false
    this.flow.logs.add(log)
    // The rest of a turn may hold what comes before.
    this.flow.missed.set(log, Math.min(position, this.flow.missed.get(log) ?? position))
    return fell
  }

  /** The events of a log are no longer for this reader. */
  forget(log: LogId): void {
    if (this.flow.state === 'behind') this.flow.missed.delete(log)
  }

  /** Nothing is missing any more. */
  caughtUp(): void {
    if (this.flow.state === 'behind') this.flow = LIVE
  }

  /** The socket took something: the time until it counts as stuck starts anew. */
  progressed(tick: number): void {
    this.#stalledAt = 0
    this.progressedAt = tick
    if (this.flow.state === 'behind') this.flow = { ...this.flow, sinceTick: tick }
  }

  close(): void {
    this.#own = []
    this.#receipts = []
    this.flow = CLOSED
  }
}
