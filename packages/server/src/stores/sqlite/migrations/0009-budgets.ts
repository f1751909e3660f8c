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

-- What was said in a room, about the messages with ordinals from "first" to "up_to". Whoever changes one of them or ends the
-- room, the summary goes with that.
CREATE TABLE summaries (
  room_id BLOB PRIMARY KEY,
  first INTEGER NOT NULL,
  up_to INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER summary_changed AFTER UPDATE OF body, deleted_at ON messages BEGIN
  DELETE FROM summaries WHERE room_id = new.room_id AND new.ordinal BETWEEN first AND up_to;
END;
CREATE TRIGGER summary_erased AFTER DELETE ON messages BEGIN
  DELETE FROM summaries WHERE room_id = old.room_id AND old.ordinal BETWEEN first AND up_to;
END;
CREATE TRIGGER summary_ended AFTER UPDATE OF deleted_at ON rooms WHEN new.deleted_at IS NOT NULL BEGIN
  DELETE FROM summaries WHERE room_id = new.id;
END;
`

/** What models cost, and what they remember of long conversations. */
export const budgets = (db: DatabaseSync): void => db.exec(TABLES)
