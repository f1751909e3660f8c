import type { Core } from '../core/core.ts'

/** Between two sweeps, in milliseconds. */
const INTERVAL = 3_600_000

/** Has uploads that were left, and bytes that belong to nothing, swept away: now, and every hour until it is stopped. */
export function sweepUploads(core: Core, onFault: (error: unknown) => void): { stop(): void } {
  let isOn = true
  const sweep = () =>
    core.execute({ kind: 'operator' }, { type: 'uploads.sweep' }).catch(error => {
      // A sweep that the stop cut short goes on after the next start.
      if (isOn) onFault(error)
    })
  const sweeping = setInterval(sweep, INTERVAL)
  void sweep()
  return {
    stop() {
      isOn = false
      clearInterval(sweeping)
    },
  }
}
