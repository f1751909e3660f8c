import type { CoreEvent } from '../../core/events.ts'
import type { Broker } from '../../core/ports/broker.ts'

/** The broker of a server that is alone: publishing is calling the listeners. */
export function createMemoryBroker(onFault: (error: unknown) => void): Broker {
  const listeners = new Set<(events: readonly CoreEvent[]) => void>()
  return {
    publish(events) {
      for (const listener of listeners) {
        try {
          listener(events)
        } catch (error) {
          onFault(error)
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
