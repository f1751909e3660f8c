import type { Later } from '../core/runs/cast.ts'
import { ModelFault } from './models/fault.ts'

/**
 * What `from` gives, as it comes. Fails with `silent` when nothing comes for `silence` milliseconds, and with the signal's
 * reason once that aborts, whether `from` heeds it or not. Whatever ends it, `from` is told to end as well.
 */
export async function* patiently<T>(
  from: AsyncIterable<T>,
  { silence, later, signal }: { readonly silence: number; readonly later: Later; readonly signal: AbortSignal },
): AsyncGenerator<T, void, void> {
  const items = from[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await within(items.next(), { time: silence, late: () => new ModelFault('silent'), later, signal })
      if (next.done) return
      yield next.value
    }
  } finally {
    // One that is stuck would keep its caller waiting.
    items.return?.().catch(() => undefined)
  }
}

/** How long somebody is waited for. */
export interface Patience {
  /** Milliseconds. */
  readonly time: number
  /** What is thrown after that. */
  readonly late: () => Error
  readonly later: Later
  readonly signal: AbortSignal
}

/** What a promise comes to. Rejects when its time is over, and with the signal's reason once that aborts, whatever that does itself. */
export async function within<T>(promise: Promise<T>, { time, late, later, signal }: Patience): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  const cancel = later(time, () => reject(late()))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([over, promise])
  } finally {
    cancel()
    signal.removeEventListener('abort', abort)
  }
}

/** Resolves after `ms` milliseconds. Rejects with the signal's reason once that aborts. */
export function pause(ms: number, later: Later, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const abort = () => {
      cancel()
      reject(signal.reason)
    }
    const cancel = later(ms, () => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
    signal.addEventListener('abort', abort, { once: true })
  })
}
