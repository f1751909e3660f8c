import type { DatabaseSync } from 'node:sqlite'

const COLUMNS = `
-- The run whose question is answered once more, and how: 'continue' or 'regenerate'. NULL for one that began with its question.
ALTER TABLE runs ADD COLUMN origin_id BLOB;
ALTER TABLE runs ADD COLUMN origin_how TEXT;
-- Who wanted that, and what their client calls the request.
ALTER TABLE runs ADD COLUMN ordered_by BLOB;
ALTER TABLE runs ADD COLUMN order_id TEXT;
CREATE UNIQUE INDEX runs_by_order ON runs (ordered_by, order_id) WHERE order_id IS NOT NULL;
`

/** Runs that answer a question again. */
export const runOrigins = (db: DatabaseSync): void => db.exec(COLUMNS)
