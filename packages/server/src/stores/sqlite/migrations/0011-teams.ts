import type { DatabaseSync } from 'node:sqlite'

/** Conversations with a model of their own, and which agent of a team spoke last in a run. */
export function teams(db: DatabaseSync): void {
  db.exec(`
ALTER TABLE conversations ADD COLUMN model TEXT;
ALTER TABLE runs ADD COLUMN speaker TEXT;
`)
}
