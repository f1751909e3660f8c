import { parentPort, workerData } from 'node:worker_threads'
import { openForWriting } from './connection.ts'
import { failureOf } from './failure.ts'
import { answerQuestions } from './thread.ts'
import { writingTo } from './writes.ts'

/** What the thread is started with. */
export interface WriterData {
  readonly path: string
  readonly maxPages?: number
}

/* The thread that holds the one writing connection: syncing a commit keeps it waiting, and nobody else. */
if (parentPort) {
  const { path, maxPages } = workerData as WriterData // startThread passes what openSqliteStore gave it
  const db = openForWriting(path, maxPages)
  const { commit } = writingTo(db)
  answerQuestions(parentPort, { answer: commit, failureOf, close: () => db.close() })
}
