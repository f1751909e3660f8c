import type { DatabaseSync } from 'node:sqlite'

const TABLES = `
-- Kept apart from "users", which everybody gets to see. No row: nothing of it is known.
CREATE TABLE accounts (
  user_id BLOB PRIMARY KEY,
  password TEXT,
  full_name TEXT,
  email_verified_at INTEGER,
  last_sign_in_at INTEGER
) STRICT, WITHOUT ROWID;

ALTER TABLE sign_ins ADD COLUMN by_key INTEGER NOT NULL DEFAULT 0;
`

/** Passwords and what comes with them. */
export const accounts = (db: DatabaseSync): void => db.exec(TABLES)
