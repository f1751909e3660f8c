import type { CommandOf, Core } from '../core/core.ts'

/** Between two sweeps, in milliseconds. */
const UPLOADS_EVERY = 3_600_000
const GUESTS_EVERY = 60_000
const SPENDING_EVERY = 24 * 3_600_000
const APPROVALS_EVERY = 600_000

type Sweep = 'uploads.sweep' | 'guests.sweep' | 'approvals.sweep' | 'spending.sweep'

export interface Sweeping {
  stop(): void
}

/**
 * Has what was left swept away: now and then again until it is stopped. Of uploads the unfinished, with bytes that belong to
 * nothing; of guests all there is, an hour after their last message; of tools what somebody was to decide, an hour after; of what
 * models cost the days past forty.
 */
export function sweep(core: Core, onFault: (error: unknown) => void): Sweeping {
  const sweeps = [
    every(UPLOADS_EVERY, core, { type: 'uploads.sweep' }, onFault),
    every(GUESTS_EVERY, core, { type: 'guests.sweep' }, onFault),
    every(SPENDING_EVERY, core, { type: 'spending.sweep' }, onFault),
    every(APPROVALS_EVERY, core, { type: 'approvals.sweep' }, onFault),
  ]
  return {
    stop() {
      for (const one of sweeps) one.stop()
    },
  }
}

function every(interval: number, core: Core, command: CommandOf<Sweep>, onFault: (error: unknown) => void): Sweeping {
  let isOn = true
  const once = () =>
    core.execute({ kind: 'operator' }, command).catch(error => {
      // A sweep that the stop cut short goes on after the next start.
      if (isOn) onFault(error)
    })
  const sweeping = setInterval(once, interval)
  void once()
  return {
    stop() {
      isOn = false
      clearInterval(sweeping)
    },
  }
}
