import type { Clock } from '../core/ports/clock.ts'
import type { After } from './after.ts'

/** Something to deliver, shared by all who get it. */
export interface Parcel {
  /** What it takes of memory. */
  readonly bytes: number
}

/** How an attempt ended. Only `failed` is tried again. */
export type Attempt = 'delivered' | 'failed' | 'refused' | 'unwanted'

/** How a delivery ended. `refused`: never to be called; `unwanted`: its receiver asks for nothing any more. */
export type Ending = Attempt | 'expired' | 'crowded_out' | 'abandoned'

export interface DeliveryLimits {
  /** Deliveries accepted and not ended. */
  readonly deliveries: number
  /** Bytes of the parcels among these; each counts once. */
  readonly bytes: number
  /** Longest wait of a delivery, in milliseconds. */
  readonly age: number
  /** Attempts under way at once, and how many of these may be at receivers that were slow or failed last time. */
  readonly calls: number
  readonly slowCalls: number
}

export const DELIVERY_LIMITS: DeliveryLimits = {
  deliveries: 10_000,
  bytes: 64 * 1024 * 1024,
  age: 5 * 60_000,
  calls: 64,
  slowCalls: 32,
}

/** Waits before the second and the third attempt, in milliseconds. There is no fourth. */
const WAITS = [1_000, 2_000]
/** An attempt that took longer than this makes its receiver a slow one, in milliseconds. */
const SLOW = 2_000

export interface DeliverySettings<To, P extends Parcel> {
  /** Never rejects. */
  attempt(to: To, parcel: P, signal: AbortSignal): Promise<Attempt>
  ended(to: To, ending: Ending): void
  readonly clock: Clock
  readonly after: After
  readonly limits: DeliveryLimits
}

interface Delivery<To, P> {
  readonly line: Line<To, P>
  readonly parcel: P
  /** When it was accepted, on the clock that never falls. */
  readonly since: number
  attempts: number
}

/** The deliveries of one receiver, oldest first. The head is the one being tried. */
interface Line<To, P> {
  readonly to: To
  readonly waiting: Delivery<To, P>[]
  slow: boolean
  turn: { readonly state: 'idle' | 'ready' | 'calling' } | { readonly state: 'resting'; readonly cancel: () => void }
}

/**
 * Delivers parcels in the background, best effort, in bounded memory.
 *
 * - Each receiver gets its deliveries one at a time, in the order they were added: three attempts each, then the next.
 * - Receivers wait in turn for one of a fixed number of calls. Those that were slow or failed last time get at most a
 *   part of them, so that however many are dead, the others are served.
 * - When the queue is full in number or bytes, or a delivery is too old, the oldest are dropped: a receiver that keeps
 *   up has none of these. Attempts under way are not cut short.
 */
export class Deliveries<To, P extends Parcel> {
  readonly #settings: DeliverySettings<To, P>
  /** All that are not ended, oldest first. */
  readonly #queue = new Set<Delivery<To, P>>()
  readonly #copies = new Map<P, number>()
  /** Receivers with something to deliver, or known to be slow. */
  readonly #lines = new Map<To, Line<To, P>>()
  readonly #prompt: Line<To, P>[] = []
  readonly #slow: Line<To, P>[] = []
  readonly #stop = new AbortController()
  #bytes = 0
  #calls = 0
  #slowCalls = 0
  #whenEmpty: (() => void)[] = []

  constructor(settings: DeliverySettings<To, P>) {
    this.#settings = settings
  }

  /** Deliveries accepted and not ended. */
  get queued(): number {
    return this.#queue.size
  }

  /** Bytes that these hold. */
  get bytes(): number {
    return this.#bytes
  }

  add(to: To, parcel: P): void {
    if (this.#stop.signal.aborted) return
    const line = this.#line(to)
    const delivery = { line, parcel, since: this.#settings.clock.monotonic(), attempts: 0 }
    line.waiting.push(delivery)
    this.#queue.add(delivery)
    const copies = this.#copies.get(parcel) ?? 0
    this.#copies.set(parcel, copies + 1)
    if (copies === 0) this.#bytes += parcel.bytes
    if (line.turn.state === 'idle') this.#ready(line)
    this.#next()
  }

  /** Resolves when nothing is queued, at the latest after `timeout` milliseconds; what is left then is abandoned. */
  drained(timeout: number): Promise<void> {
    if (this.#queue.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      const disarm = this.#settings.after(timeout, () => this.#abandon())
      this.#whenEmpty.push(() => {
        disarm()
        resolve()
      })
    })
  }

  #abandon(): void {
    this.#stop.abort()
    for (const delivery of this.#queue) {
      this.#remove(delivery)
      this.#end(delivery, 'abandoned')
    }
  }

  #line(to: To): Line<To, P> {
    const line: Line<To, P> = this.#lines.get(to) ?? { to, waiting: [], slow: false, turn: { state: 'idle' } }
    this.#lines.set(to, line)
    return line
  }

  #ready(line: Line<To, P>): void {
    line.turn = { state: 'ready' }
    const turns = line.slow ? this.#slow : this.#prompt
    turns.push(line)
  }

  /** Drops what can't be kept, then starts as many calls as there may be. */
  #next(): void {
    this.#trim()
    const { calls, slowCalls } = this.#settings.limits
    while (this.#calls < calls) {
      const line = this.#prompt.shift() ?? (this.#slowCalls < slowCalls ? this.#slow.shift() : undefined)
      if (!line) return
      const [delivery] = line.waiting
      if (delivery) void this.#call(line, delivery)
      else this.#idle(line)
    }
  }

  async #call(line: Line<To, P>, delivery: Delivery<To, P>): Promise<void> {
    const { attempt, clock } = this.#settings
    const place = line.slow ? 1 : 0
    const began = clock.monotonic()
    line.turn = { state: 'calling' }
    this.#calls++
    this.#slowCalls += place
    const result = await attempt(line.to, delivery.parcel, this.#stop.signal)
    this.#calls--
    this.#slowCalls -= place
    line.slow = result === 'failed' || clock.monotonic() - began > SLOW
    if (this.#stop.signal.aborted) return
    this.#settle(line, delivery, result)
    this.#next()
  }

  #settle(line: Line<To, P>, delivery: Delivery<To, P>, result: Attempt): void {
    const wait = result === 'failed' ? WAITS[delivery.attempts++] : undefined
    if (wait !== undefined) {
      const cancel = this.#settings.after(wait, () => {
        this.#ready(line)
        this.#next()
      })
      line.turn = { state: 'resting', cancel }
      return
    }
    line.waiting.shift()
    if (line.waiting.length > 0) this.#ready(line)
    else this.#idle(line)
    this.#end(delivery, result)
  }

  #idle(line: Line<To, P>): void {
    line.turn = { state: 'idle' }
    if (!line.slow) this.#lines.delete(line.to)
  }

  /** Drops what is too old, and the oldest while there is too much. */
  #trim(): void {
    const { clock, limits } = this.#settings
    const oldest = clock.monotonic() - limits.age
    for (const delivery of this.#queue) {
      const full = this.#queue.size > limits.deliveries || this.#bytes > limits.bytes
      if (!full && delivery.since >= oldest) return
      const { waiting, turn } = delivery.line
      if (turn.state === 'calling' && waiting[0] === delivery) continue
      this.#remove(delivery)
      this.#end(delivery, delivery.since < oldest ? 'expired' : 'crowded_out')
    }
  }

  #remove(delivery: Delivery<To, P>): void {
    const { line } = delivery
    const place = line.waiting.indexOf(delivery)
    line.waiting.splice(place, 1)
    if (place > 0 || line.turn.state !== 'resting') return
    line.turn.cancel()
    this.#ready(line)
  }

  #end(delivery: Delivery<To, P>, ending: Ending): void {
    const { line, parcel } = delivery
    this.#queue.delete(delivery)
    const copies = (this.#copies.get(parcel) ?? 0) - 1
    if (copies > 0) this.#copies.set(parcel, copies)
    else if (this.#copies.delete(parcel)) this.#bytes -= parcel.bytes
    this.#settings.ended(line.to, ending)
    if (this.#queue.size > 0) return
    const told = this.#whenEmpty
    this.#whenEmpty = []
    for (const tell of told) tell()
  }
}
