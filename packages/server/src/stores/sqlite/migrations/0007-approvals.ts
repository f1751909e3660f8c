import type { DatabaseSync } from 'node:sqlite'

const TABLES = `
-- What people are to allow an agent before it does it. The code is the key, so that it is of no use twice.
CREATE TABLE approvals (
  code TEXT PRIMARY KEY,
  asker_id BLOB NOT NULL,
  agent_id BLOB NOT NULL,
  room_id BLOB NOT NULL,
  conversation INTEGER,
  run_id BLOB NOT NULL,
  tool TEXT NOT NULL,
  -- JSON, to the letter.
  arguments TEXT NOT NULL,
  why TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- NULL until it is decided.
  decision TEXT,
  decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX approvals_of_asker ON approvals (asker_id, asked_at, code);
CREATE INDEX approvals_of_room ON approvals (room_id, code);
CREATE INDEX approvals_by_end ON approvals (min(expires_at, coalesce(decided_at, expires_at)));
`

/** What people allow agents. */
export const approvals = (db: DatabaseSync): void => db.exec(TABLES)
