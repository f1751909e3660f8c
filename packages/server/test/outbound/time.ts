import type { Clock } from '../../src/core/ports/clock.ts'
import type { After } from '../../src/outbound/after.ts'

interface Timer {
  readonly ms: number
  readonly at: number
  readonly run: () => void
}

/** Time that stands still until it is moved. */
export function ownTime(start = Date.UTC(2030, 0, 1)) {
  let elapsed = 0
  const timers = new Set<Timer>()
  const watchers = new Set<(ms: number) => void>()
  const clock: Clock = { now: () => start + elapsed, monotonic: () => elapsed }
  const after: After = (ms, run) => {
    const timer = { ms, at: elapsed + ms, run }
    timers.add(timer)
    for (const watcher of watchers) watcher(ms)
    return () => void timers.delete(timer)
  }
  const due = (until: number) => [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
  const pass = (ms: number) => {
    const until = elapsed + ms
    for (let timer = due(until); timer; timer = due(until)) {
      timers.delete(timer)
      elapsed = timer.at
      timer.run()
    }
    elapsed = until
  }
  /** Resolves once something waits for `ms` milliseconds. */
  const waiting = (ms: number) =>
    new Promise<void>(resolve => {
      if ([...timers].some(timer => timer.ms === ms)) return resolve()
      const watcher = (asked: number) => {
        if (asked !== ms) return
        watchers.delete(watcher)
        resolve()
      }
      watchers.add(watcher)
    })
  /** How long each timer still waits. */
  const waits = () => [...timers].map(({ at }) => at - elapsed).sort((a, b) => a - b)
  return { clock, after, pass, waiting, waits }
}
