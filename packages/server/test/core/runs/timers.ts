import type { Later } from '../../../src/core/runs/cast.ts'
import { TestClock } from '../../world.ts'

/** A clock with timers that go off when a test lets time pass. */
export class TestTimers extends TestClock {
  readonly #waiting = new Set<{ readonly at: number; readonly run: () => void }>()

  /** Timers that are set. */
  get set(): number {
    return this.#waiting.size
  }

  readonly later: Later = (ms, run) => {
    const timer = { at: this.monotonic() + ms, run }
    this.#waiting.add(timer)
    return () => this.#waiting.delete(timer)
  }

  /** Lets time pass and the timers go off that are due by then, each at its time. */
  pass(ms: number): void {
    const end = this.monotonic() + ms
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#waiting.delete(next)
      this.advance(next.at - this.monotonic())
      next.run()
    }
    this.advance(end - this.monotonic())
  }
}
