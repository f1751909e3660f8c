import { parentPort, workerData } from 'node:worker_threads'
import { openForReading } from './connection.ts'
import { failureOf } from './failure.ts'
import { type Asked, questionsTo } from './questions.ts'
import { answerQuestions } from './thread.ts'

/** What the thread is started with. */
export interface ReaderData {
  readonly path: string
}

/* The thread for questions that take long, so that no socket waits for them. */
if (parentPort) {
  const { path } = workerData as ReaderData // startThread passes what openSqliteStore gave it
  const db = openForReading(path)
  const questions = questionsTo(db)
  answerQuestions<Asked, unknown>(parentPort, {
    // `Asked` pairs each method with its own arguments; the compiler can't follow the pair through the call.
    answer: ([name, ...args]) => (questions[name] as (...args: readonly unknown[]) => unknown)(...args),
    failureOf,
    close: () => db.close(),
  })
}
