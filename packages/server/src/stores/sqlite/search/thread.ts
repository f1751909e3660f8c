import { parentPort, workerData } from 'node:worker_threads'
import type { FoundPage, SearchQuery } from '../../../core/ports/search.ts'
import { openForReading } from '../connection.ts'
import { failureOf } from '../failure.ts'
import { answerQuestions } from '../thread.ts'
import type { Progress } from './following.ts'
import { searchingOn } from './searching.ts'

/** What the thread is started with: the files of the store and of the index. */
export interface SearchData {
  readonly store: string
  readonly index: string
}

/** What the thread is asked. */
export type Asked =
  | { readonly type: 'find'; readonly query: SearchQuery }
  /** Bring the index on by one slice. */
  | { readonly type: 'follow' }
  | { readonly type: 'lag' }

export interface Answers {
  readonly find: FoundPage
  /** `remade`: why the index had to be begun anew, if it had. */
  readonly follow: Progress & { readonly remade: string | null }
  readonly lag: number
}

/* The thread that keeps the index and looks things up in it, so that nobody else waits for either. */
if (parentPort) {
  const { store, index } = workerData as SearchData // startThread passes what openSqliteSearch gave it
  const db = openForReading(store)
  const searching = searchingOn(db, index)
  answerQuestions<Asked, Answers[Asked['type']]>(parentPort, {
    answer: searching.answer,
    failureOf,
    close() {
      searching.close()
      db.close()
    },
  })
}
