import type { Clock } from './ports/clock.ts'

/** At most `count` events in any `seconds`. */
export interface Rate {
  readonly count: number
  readonly seconds: number
}

/**
 * Sliding windows, one per key: exact, at 8 bytes an event. Keys that have been quiet for a whole window are forgotten.
 * With more than `keysMax` busy keys the oldest is forgotten first, so that an attacker with many addresses can't fill memory.
 */
export class SlidingWindows {
  readonly #rate: Rate
  readonly #clock: Clock
  readonly #keysMax: number
  readonly #windows = new Map<string, number[]>()

  constructor(rate: Rate, clock: Clock, keysMax = 100_000) {
    this.#rate = rate
    this.#clock = clock
    this.#keysMax = keysMax
  }

  /** Counts one event. Returns 0 if it fits, else the whole seconds until a place frees; a refused event does not count. */
  take(key: string): number {
    const now = this.#clock.monotonic()
    const window = this.#open(key, now)
    if (window.length >= this.#rate.count) return this.#untilFree(window, now)
    window.push(now)
    return 0
  }

  /** Takes back the latest event of a key, for one that turned out not to count. */
  giveBack(key: string): void {
    const window = this.#windows.get(key)
    window?.pop()
    if (window?.length === 0) this.#windows.delete(key)
  }

  /** How many events still fit, and in how many whole seconds a place frees that is taken now; 0 where none is taken. */
  look(key: string): { readonly left: number; readonly frees: number } {
    const now = this.#clock.monotonic()
    const window = (this.#windows.get(key) ?? []).filter(at => at > now - this.#rate.seconds * 1000)
    return { left: this.#rate.count - window.length, frees: this.#untilFree(window, now) }
  }

  #untilFree([oldest]: readonly number[], now: number): number {
    return oldest === undefined ? 0 : Math.max(1, Math.ceil((oldest + this.#rate.seconds * 1000 - now) / 1000))
  }

  #open(key: string, now: number): number[] {
    const window = this.#windows.get(key) ?? []
    const gone = window.findIndex(at => at > now - this.#rate.seconds * 1000)
    window.splice(0, gone === -1 ? window.length : gone)
    this.#windows.delete(key)
    this.#windows.set(key, window)
    this.#prune(now)
    return window
  }

  // The map is in order of last use, so whoever is first has been quiet longest.
  #prune(now: number): void {
    for (const [key, window] of this.#windows) {
      const last = window.at(-1)
      const quiet = last !== undefined && last <= now - this.#rate.seconds * 1000
      if (!quiet && this.#windows.size <= this.#keysMax) return
      this.#windows.delete(key)
    }
  }
}
