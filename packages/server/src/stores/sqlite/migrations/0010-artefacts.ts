import type { DatabaseSync } from 'node:sqlite'

const TABLES = `
CREATE TABLE artefacts (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  team TEXT NOT NULL,
  kind TEXT NOT NULL,
  owner_id BLOB NOT NULL,
  -- Where it was made. These may be gone.
  room_id BLOB NOT NULL,
  conversation INTEGER,
  run_id BLOB NOT NULL,
  -- Of the version that counts.
  title TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  -- What is deleted waits to be erased.
  deleted_at INTEGER
) STRICT;
CREATE INDEX artefacts_of_owner ON artefacts (owner_id, number) WHERE deleted_at IS NULL;
CREATE INDEX artefacts_of_room ON artefacts (room_id, number) WHERE deleted_at IS NULL;
CREATE INDEX deleted_artefacts ON artefacts (deleted_at) WHERE deleted_at IS NOT NULL;

-- Every version there was, from 1 to that of the artefact. "data" is JSON.
CREATE TABLE artefact_versions (
  artefact INTEGER NOT NULL,
  version INTEGER NOT NULL,
  title TEXT NOT NULL,
  data TEXT NOT NULL,
  by_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (artefact, version)
) STRICT;

-- Of the version that counts.
CREATE TABLE artefact_links (
  artefact INTEGER NOT NULL,
  field TEXT NOT NULL,
  target INTEGER NOT NULL,
  PRIMARY KEY (artefact, field, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_to_artefact ON artefact_links (target);
`

/** What agents save. */
export const artefacts = (db: DatabaseSync): void => db.exec(TABLES)
