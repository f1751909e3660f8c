import { keyOf } from '../history.ts'
import { within } from './within.ts'

/** Lets somebody wait for a message that others were given. */
export interface Awaited {
  /** To be called with the text of every message. */
  hear(body: string): void
  /** Resolves once a message with that key is heard from now on; rejects after `timeout` milliseconds. */
  given(key: string, timeout: number): Promise<void>
}

export function createAwaited(name: string): Awaited {
  const waiting = new Map<string, () => void>()
  return {
    hear: body => waiting.get(keyOf(body))?.(),
    given(key, timeout) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.set(key, resolve)
      return within(timeout, `giving ${key} to ${name}`, promise)
    },
  }
}
