import { type Store, StoreFailed, type StoreFailure } from '../core/ports/store.ts'
import type { Outcome } from '../core/ports/writes.ts'
import type { CommitObserver } from './metrics.ts'

export interface WatchedStore {
  readonly store: Store
  /** Why the last commit failed; null when it did not. */
  failing(): StoreFailure | null
}

/** A store that does what `store` does and tells how its commits went. */
export function watchStore(store: Store, observer: CommitObserver): WatchedStore {
  let failing: StoreFailure | null = null
  const commit: Store['commit'] = async writes => {
    const began = performance.now()
    try {
      const outcomes = await store.commit(writes)
      const refused = outcomes.reduce(countRefused, 0)
      observer.committed((performance.now() - began) / 1000, outcomes.length - refused, refused)
      failing = null
      return outcomes
    } catch (error) {
      failing = error instanceof StoreFailed ? error.code : 'internal'
      observer.failed(failing, writes.length)
      throw error
    }
  }
  return { store: { ...store, commit }, failing: () => failing }
}

const countRefused = (refused: number, outcome: Outcome): number => refused + (outcome.state === 'refused' ? 1 : 0)
