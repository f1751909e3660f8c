import type { DatabaseSync } from 'node:sqlite'
import { LOBBY_LABEL } from '../../../core/room.ts'

const TABLES = `
-- Never given again, so it outlives the room.
ALTER TABLE rooms ADD COLUMN label TEXT;
ALTER TABLE rooms ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN owner_id BLOB;
ALTER TABLE rooms ADD COLUMN assistant TEXT NOT NULL DEFAULT 'off';
ALTER TABLE rooms ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
-- The conversation of all its messages, where it has one of its own.
ALTER TABLE rooms ADD COLUMN conversation INTEGER;
-- How many rows of "members" it has; 0 once deleted.
ALTER TABLE rooms ADD COLUMN members INTEGER NOT NULL DEFAULT 0;
-- Time of the latest message; created_at before the first.
ALTER TABLE rooms ADD COLUMN message_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN deleted_at INTEGER;
-- Of a deleted room: nothing of it is left to erase.
ALTER TABLE rooms ADD COLUMN is_erased INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX room_labels ON rooms (label) WHERE label IS NOT NULL;
CREATE INDEX rooms_to_erase ON rooms (deleted_at, is_erased) WHERE deleted_at IS NOT NULL AND is_erased = 0;

-- The room's last seq when the member joined.
ALTER TABLE members ADD COLUMN since_seq INTEGER NOT NULL DEFAULT 0;
-- Seq up to which documented clients were shown the room.
ALTER TABLE members ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;
-- 0 for members of the lobby who never asked for it.
ALTER TABLE members ADD COLUMN chosen INTEGER NOT NULL DEFAULT 1;

-- One without an owner is its room's own: its time is the room's message_at, so that busy rooms have one row to write.
CREATE TABLE conversations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  room_id BLOB NOT NULL,
  owner_id BLOB,
  title TEXT,
  created_at INTEGER NOT NULL,
  last_at INTEGER
) STRICT;
CREATE INDEX conversations_of_room ON conversations (room_id);
CREATE INDEX conversations_of_owner ON conversations (owner_id, last_at, number) WHERE owner_id IS NOT NULL;

-- NULL where the room has a conversation of its own, which then is the message's: only rooms with several pay for the index.
ALTER TABLE messages ADD COLUMN conversation INTEGER;
-- Number of the run whose text it is.
ALTER TABLE messages ADD COLUMN run INTEGER;
CREATE INDEX conversation_messages ON messages (conversation, ordinal) WHERE conversation IS NOT NULL;
ALTER TABLE erased ADD COLUMN conversation INTEGER;
ALTER TABLE erased ADD COLUMN run INTEGER;

-- What came before was shown to those who were there.
UPDATE members SET heard = (SELECT seq FROM rooms WHERE id = members.room_id);
UPDATE members SET chosen = 0 WHERE room_id = (SELECT id FROM rooms WHERE kind = 'lobby');
UPDATE rooms SET
  members = (SELECT count(*) FROM members WHERE room_id = rooms.id),
  message_at = iif(last_number = 0, created_at, coalesce((SELECT at FROM messages WHERE number = last_number), last_at));
INSERT INTO conversations (room_id, created_at) SELECT id, created_at FROM rooms WHERE kind = 'lobby';
UPDATE rooms SET label = '${LOBBY_LABEL}', name = 'Lobby', assistant = 'mention',
  conversation = (SELECT number FROM conversations) WHERE kind = 'lobby';
`

/** Rooms that people make, and conversations. From here on the kind of a log row says what its "ref" is a number of. */
export const rooms = (db: DatabaseSync): void => db.exec(TABLES)
