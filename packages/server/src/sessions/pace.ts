import type { Clock } from '../core/ports/clock.ts'

/** Lets bytes through at an even rate, a second's worth of them at once. */
export class Pace {
  readonly #clock: Clock
  readonly #bytesPerSecond: number
  /** When everything taken so far is paid for. */
  #paidAt = 0

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Takes bytes that came anyway. Returns the milliseconds for which no more should. */
  take(bytes: number): number {
    const now = this.#clock.monotonic()
    this.#paidAt = Math.max(this.#paidAt, now - 1_000) + (bytes / this.#bytesPerSecond) * 1_000
    return Math.max(0, this.#paidAt - now)
  }
}
