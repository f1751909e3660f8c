import type { DatabaseSync } from 'node:sqlite'

const TABLES = `
-- Charges of the answers that ended on a day, in millionths of a US dollar: of a person, in a room, of all guests (empty id).
CREATE TABLE spent (
  day INTEGER NOT NULL,
  whose TEXT NOT NULL,
  id BLOB NOT NULL,
  micros INTEGER NOT NULL,
  PRIMARY KEY (day, whose, id)
) STRICT, WITHOUT ROWID;
`

/** What models cost, and what they remember of long conversations. */
export const budgets = (db: DatabaseSync): void => db.exec(TABLES)
