import { type Store, StoreFailed, type StoreFailure } from '../core/ports/store.ts'
import type { Outcome } from '../core/ports/writes.ts'
import type { CommitObserver } from './metrics.ts'

export interface WatchedStore {
  readonly store: Store
  /** Why the last commit failed; null when it did not, or when none was tried for half a minute since. */
  failing(): StoreFailure | null
}

/** Who is kept away from a failing server can't show that it works again, so a failure counts so long; in milliseconds. */
const FAILING_FOR = 30_000

/** A store that does what `store` does and tells how its commits went. */
export function watchStore(store: Store, observer: CommitObserver): WatchedStore {
  let failed: { readonly code: StoreFailure; readonly at: number } | null = null
  const commit: Store['commit'] = async writes => {
    const began = performance.now()
    try {
      const outcomes = await store.commit(writes)
      const refused = outcomes.reduce(countRefused, 0)
      observer.committed((performance.now() - began) / 1000, outcomes.length - refused, refused)
      failed = null
      return outcomes
    } catch (error) {
      const code = error instanceof StoreFailed ? error.code : 'internal'
      failed = { code, at: performance.now() }
      observer.failed(code, writes.length)
      throw error
    }
  }
  return {
    store: { ...store, commit },
    failing: () => (failed && performance.now() - failed.at < FAILING_FOR ? failed.code : null),
  }
}

const countRefused = (refused: number, outcome: Outcome): number => refused + (outcome.state === 'refused' ? 1 : 0)
