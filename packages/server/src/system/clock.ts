import type { Clock } from '../core/ports/clock.ts'

/** The machine's own time. */
export const systemClock: Clock = { now: Date.now, monotonic: () => performance.now() }
