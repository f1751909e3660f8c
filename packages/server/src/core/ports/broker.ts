import type { CoreEvent } from '../events.ts'

/**
 * Carries events from the node where they happened to every node, this one included.
 *
 * - Durable events of one room published by one node arrive in order. They may be lost or repeated between nodes: a
 *   follower finds out by `seq` and reads the log, which is the truth.
 * - Ephemeral events are delivered at most once.
 */
export interface Broker {
  /** Called after the commit, in commit order. Never throws for a listener's sake. */
  publish(events: readonly CoreEvent[]): void
  /** `listener` gets every batch from now on, until the returned function is called. Listeners are called in the order they came. */
  subscribe(listener: (events: readonly CoreEvent[]) => void): () => void
}
