import { randomUUIDv7 } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { blob } from '../ids.ts'

/*
 * Uuids and digests are blobs, times are milliseconds since 1970 except in `receipts`. Every count that the server is
 * asked for often is kept where it is changed: rooms and members hold running numbers that agree with a recount.
 */
const TABLES = `
CREATE TABLE rooms (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  pair_a BLOB,
  pair_b BLOB,
  -- Last position in the log, last ordinal of a message.
  seq INTEGER NOT NULL DEFAULT 0,
  ordinal INTEGER NOT NULL DEFAULT 0,
  -- Messages up to this ordinal are erased.
  floor INTEGER NOT NULL DEFAULT 0,
  -- Messages above the floor that are deleted.
  deleted INTEGER NOT NULL DEFAULT 0,
  last_at INTEGER NOT NULL DEFAULT 0,
  last_number INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX direct_rooms ON rooms (pair_a, pair_b) WHERE kind = 'direct';
CREATE UNIQUE INDEX special_rooms ON rooms (kind) WHERE kind IN ('lobby', 'directory');

CREATE TABLE members (
  room_id BLOB NOT NULL,
  user_id BLOB NOT NULL,
  joined_at INTEGER NOT NULL,
  -- The room's last ordinal when the member joined.
  since INTEGER NOT NULL,
  -- Everything up to here is read; the room's floor counts too where it is higher.
  read_to INTEGER NOT NULL,
  -- Rows in "reads": messages above read_to that were read singly.
  singles INTEGER NOT NULL DEFAULT 0,
  -- The member's own messages since joining: all, those up to read_to, and those that are erased.
  own INTEGER NOT NULL DEFAULT 0,
  own_read INTEGER NOT NULL DEFAULT 0,
  own_erased INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rooms_of_user ON members (user_id, room_id);

CREATE TABLE messages (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL,
  room_id BLOB NOT NULL,
  ordinal INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  sender_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  client_id TEXT,
  reply_to BLOB,
  at INTEGER NOT NULL,
  edited_at INTEGER,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX message_ids ON messages (id);
-- Grows at its end only. The sender is in it so that own messages are told apart without reading the row.
CREATE UNIQUE INDEX message_places ON messages (room_id, ordinal, sender_id);
-- Holds its own condition too: without it SQLite would look up every row it counts.
CREATE INDEX deleted_messages ON messages (room_id, ordinal, sender_id, deleted_at) WHERE deleted_at IS NOT NULL;

-- "ref" is the number of a message or, in the directory, of a user.
CREATE TABLE log (
  room_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  ref INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (room_id, seq)
) STRICT, WITHOUT ROWID;

-- Outlives the message it names.
CREATE TABLE retries (
  sender_id BLOB NOT NULL,
  client_id TEXT NOT NULL,
  digest BLOB NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (sender_id, client_id, digest)
) STRICT, WITHOUT ROWID;

-- What a retry is answered with after its message was erased.
CREATE TABLE erased (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  room_id BLOB NOT NULL,
  ordinal INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  sender_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  client_id TEXT,
  reply_to BLOB,
  at INTEGER NOT NULL,
  edited_at INTEGER,
  deleted_at INTEGER
) STRICT;

CREATE TABLE reads (
  room_id BLOB NOT NULL,
  user_id BLOB NOT NULL,
  ordinal INTEGER NOT NULL,
  PRIMARY KEY (room_id, user_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX readers ON reads (room_id, ordinal);

-- Ranges of ordinals that a user read, without overlap; "at" in seconds. A range may run over the reader's own and over
-- deleted messages, which have no receipts.
CREATE TABLE receipts (
  room_id BLOB NOT NULL,
  user_id BLOB NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (room_id, user_id, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  email TEXT UNIQUE,
  webhook_url TEXT,
  logo TEXT,
  emoji TEXT,
  created_by BLOB,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX bots_of_owner ON users (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX admins ON users (role) WHERE role = 'admin';

CREATE TABLE keys (
  digest BLOB PRIMARY KEY,
  user_id BLOB NOT NULL UNIQUE,
  sealed TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_ins (
  id BLOB PRIMARY KEY,
  user_id BLOB NOT NULL,
  digest BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_of_user ON sign_ins (user_id);

CREATE TABLE tickets (
  digest BLOB PRIMARY KEY,
  purpose TEXT NOT NULL,
  subject TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  UNIQUE (purpose, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_ends ON tickets (expires_at);

CREATE TABLE collections (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  owner_id BLOB NOT NULL,
  title TEXT,
  description TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX collections_of_owner ON collections (owner_id);

CREATE TABLE collection_items (
  collection INTEGER NOT NULL,
  position INTEGER NOT NULL,
  message_id BLOB NOT NULL,
  PRIMARY KEY (collection, position)
) STRICT, WITHOUT ROWID;
`

/** The tables of version 1, and the two rooms every store has. */
export function first(db: DatabaseSync): void {
  db.exec(TABLES)
  const room = db.prepare('INSERT INTO rooms (id, kind, created_at) VALUES (?, ?, ?)')
  for (const kind of ['lobby', 'directory']) room.run(blob(randomUUIDv7()), kind, Date.now())
}
