import { join, resolve } from 'node:path'
import type { Search } from '../../../core/ports/search.ts'
import { StoreFailed } from '../../../core/ports/store.ts'
import { DATABASE_FILE } from '../store.ts'
import { startThread, whenAsked } from '../thread.ts'
import { Follower } from './follower.ts'
import type { Answers, Asked, SearchData } from './thread.ts'

/** The index's name in the directory of the database. It may be deleted while no server runs, and is made anew then. */
export const SEARCH_FILE = 'search.db'

export interface SearchOptions {
  /** Has the store forget changes up to one, which the index has for good. */
  forget(upTo: number): Promise<void>
  /** Told why the index is begun anew; what is stored is found again little by little. */
  onRemade(why: string): void
  /** Told of faults that no caller can be told of. What was missed is made up for later. */
  onFault(error: unknown): void
}

/** Questions that may wait. Each takes some milliseconds, so whoever comes after them would wait for longer than people do. */
const WAITING_MAX = 32

/** The search in the store of `directory`. Does nothing before it is woken or asked for the first time. */
export function openSqliteSearch(directory: string, options: SearchOptions): Search {
  const data: SearchData = {
    store: join(resolve(directory), DATABASE_FILE),
    index: join(resolve(directory), SEARCH_FILE),
  }
  const thread = whenAsked<Asked, unknown>(() => startThread(new URL('./thread.ts', import.meta.url), data))
  // The thread answers a question with what `Answers` has under its type.
  const ask = <T extends Asked>(asked: T) => thread.ask(asked) as Promise<Answers[T['type']]>
  const follower = new Follower(() => ask({ type: 'follow' }), options)
  let waiting = 0
  return {
    async find(query) {
      if (waiting >= WAITING_MAX) throw new StoreFailed('busy')
      waiting++
      try {
        return await ask({ type: 'find', query })
      } finally {
        waiting--
      }
    },
    wake: () => follower.wake(),
    caughtUp: () => follower.caughtUp(),
    lag: () => ask({ type: 'lag' }),
    async close() {
      await follower.stop()
      await thread.close()
    },
  }
}
