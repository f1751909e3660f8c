import type { Later } from '../core/runs/cast.ts'
import { ModelFault } from './models/fault.ts'

/** A signal that aborts with `signal`, or with `too_slow` after `ms` milliseconds unless the limit is lifted before. */
export function limitOf(
  { timeLimit, later }: { readonly timeLimit: number; readonly later: Later },
  signal: AbortSignal,
) {
  const slow = new AbortController()
  return {
    signal: AbortSignal.any([signal, slow.signal]),
    lift: later(timeLimit, () => slow.abort(new ModelFault('too_slow'))),
  }
}
