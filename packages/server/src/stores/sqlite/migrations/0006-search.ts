import type { DatabaseSync } from 'node:sqlite'

const TABLES = `
-- Messages whose text was changed or is gone, in order, for whoever keeps an index of it. The follower has the rows deleted
-- that it has gone past. Never the same id twice, so that it can tell whether it missed some.
CREATE TABLE search_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  number INTEGER NOT NULL
) STRICT;

-- By triggers, so that no way in which a text changes is left out.
CREATE TRIGGER search_changed AFTER UPDATE OF body, deleted_at ON messages BEGIN
  INSERT INTO search_changes (number) VALUES (old.number);
END;
CREATE TRIGGER search_gone AFTER DELETE ON messages BEGIN
  INSERT INTO search_changes (number) VALUES (old.number);
END;
`

/** What tells a search which messages it has to look at again. */
export const search = (db: DatabaseSync): void => db.exec(TABLES)
