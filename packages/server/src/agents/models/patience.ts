import type { Later } from '../../core/runs/cast.ts'
import { ModelFault } from './fault.ts'

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
      const next = await soon(items.next(), silence, later, signal)
      if (next.done) return
      yield next.value
    }
  } finally {
    // One that is stuck would keep its caller waiting.
    items.return?.().catch(() => undefined)
  }
}

function soon<T>(promise: Promise<T>, silence: number, later: Later, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    const cancel = later(silence, () => reject(new ModelFault('silent')))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => {
      cancel()
      signal.removeEventListener('abort', abort)
    })
  })
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
