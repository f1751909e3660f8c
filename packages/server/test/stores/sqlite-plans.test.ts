import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate } from '../../src/stores/sqlite/migrations/migrate.ts'
import { questionsTo } from '../../src/stores/sqlite/questions.ts'
import { writingTo } from '../../src/stores/sqlite/writes.ts'

/** Every statement that is prepared on `db` while `prepare` runs. */
function statementsOf(db: DatabaseSync, prepare: (db: DatabaseSync) => unknown): readonly string[] {
  const statements = new Set<string>()
  const original = db.prepare.bind(db)
  db.prepare = (sql, options) => {
    statements.add(sql)
    return original(sql, options)
  }
  prepare(db)
  db.prepare = original
  return [...statements]
}

test('[STORE-87] every statement finds its rows by an index, but for lists of all there is', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db, ':memory:')
  const statements = statementsOf(db, () => [questionsTo(db), writingTo(db)])
  const plans = statements.flatMap(sql =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(step => ({ sql, step: String(step.detail) })),
  )
  expect(plans.filter(({ step }) => step.startsWith('SEARCH')).length).toBeGreaterThan(120)
  const slow = plans.filter(({ step }) => /SCAN|AUTOMATIC|TEMP B-TREE/.test(step))
  expect(slow.map(({ step }) => step).sort()).toEqual([
    'SCAN collections',
    'SCAN collections USING COVERING INDEX collections_of_owner',
    'SCAN r USING INDEX direct_rooms',
    'SCAN u',
    'USE TEMP B-TREE FOR GROUP BY',
    'USE TEMP B-TREE FOR GROUP BY',
    // Rooms that the people of one room have in common.
    'USE TEMP B-TREE FOR GROUP BY',
    // A person's rooms, those with the latest messages first.
    'USE TEMP B-TREE FOR ORDER BY',
  ])
})
