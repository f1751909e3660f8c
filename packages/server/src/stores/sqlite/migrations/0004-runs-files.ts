import type { DatabaseSync } from 'node:sqlite'

const TABLES = `
CREATE TABLE runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  room_id BLOB NOT NULL,
  conversation INTEGER,
  agent_id BLOB NOT NULL,
  asker_id BLOB NOT NULL,
  question_id BLOB NOT NULL,
  client_id TEXT,
  -- JSON.
  options TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  -- Position of the last step there ever was.
  head INTEGER NOT NULL DEFAULT 0,
  -- NULL until it ends.
  state TEXT,
  ended_at INTEGER,
  -- JSON, or NULL.
  usage TEXT,
  fault TEXT,
  answer_id BLOB
) STRICT;
CREATE INDEX open_runs ON runs (state, number) WHERE state IS NULL;
CREATE INDEX runs_of_room ON runs (room_id, number);
CREATE INDEX runs_of_question ON runs (question_id);

-- One row for steps that were added together: "last" is the position of the last one, "steps" a JSON list. The rows go when
-- the text they became is changed or gone.
CREATE TABLE run_steps (
  run INTEGER NOT NULL,
  last INTEGER NOT NULL,
  at INTEGER NOT NULL,
  steps TEXT NOT NULL,
  PRIMARY KEY (run, last)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
  id BLOB PRIMARY KEY,
  owner_id BLOB NOT NULL,
  room_id BLOB,
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_start ON uploads (started_at);
CREATE INDEX uploads_of_room ON uploads (room_id) WHERE room_id IS NOT NULL;

CREATE TABLE files (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  owner_id BLOB NOT NULL,
  room_id BLOB,
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  sniffed TEXT,
  checksum BLOB NOT NULL,
  stored_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_of_room ON files (room_id, number) WHERE room_id IS NOT NULL;

-- Bytes of the files and open uploads of an owner; of all under the empty id. Kept by the triggers, whoever writes.
CREATE TABLE stored_bytes (
  owner_id BLOB PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
${['uploads', 'files'].map(countIn).join('')}
`

function countIn(table: string): string {
  const add = (row: string, sign: string) =>
    `INSERT INTO stored_bytes (owner_id, bytes) VALUES (${row}.owner_id, ${sign}${row}.size), (x'', ${sign}${row}.size)
     ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;`
  return `
CREATE TRIGGER ${table}_added AFTER INSERT ON ${table} BEGIN ${add('new', '')} END;
CREATE TRIGGER ${table}_gone AFTER DELETE ON ${table} BEGIN ${add('old', '-')} END;`
}

/** What agents say, and files. */
export const runsAndFiles = (db: DatabaseSync): void => db.exec(TABLES)
