import type { Later } from './runs/cast.ts'

/** Work that was begun and is not over. */
export class Working {
  readonly #later: Later
  readonly #all = new Set<Promise<unknown>>()

  constructor(later: Later) {
    this.#later = later
  }

  /** Takes part in `over` until it ends, however it does. Answers the work itself. */
  during<T>(work: Promise<T>): Promise<T> {
    this.#all.add(work)
    const forget = () => void this.#all.delete(work)
    work.then(forget, forget)
    return work
  }

  /** Resolves when everything that is under way now is over, or `grace` milliseconds are. */
  async over(grace: number): Promise<void> {
    if (this.#all.size === 0) return
    const late = Promise.withResolvers<void>()
    const cancel = this.#later(grace, late.resolve)
    await Promise.race([Promise.allSettled(this.#all), late.promise])
    cancel()
  }
}
