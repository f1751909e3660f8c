import { DatabaseSync } from 'node:sqlite'
import type { Store } from '../../src/core/ports/store.ts'
import { migrate } from '../../src/stores/sqlite/migrations/migrate.ts'
import { type Questions, questionsTo } from '../../src/stores/sqlite/questions.ts'
import { specialRooms } from '../../src/stores/sqlite/special-rooms.ts'
import { answers } from '../../src/stores/sqlite/store.ts'
import { writingTo } from '../../src/stores/sqlite/writes.ts'

/** The SQLite store without its threads and without a disk: for trying very many histories. */
export function openOnOneConnection(): Store {
  const db = new DatabaseSync(':memory:')
  migrate(db, ':memory:')
  const questions = questionsTo(db)
  const ask = async <Name extends keyof Questions>(name: Name, ...args: Parameters<Questions[Name]>) =>
    (questions[name] as (...args: readonly unknown[]) => unknown)(...args) as ReturnType<Questions[Name]>
  const { commit } = writingTo(db)
  return {
    ...specialRooms(db),
    ...answers(questions, ask),
    commit: async writes => commit(writes),
    close: async () => db.close(),
  }
}
