import type { DatabaseSync } from 'node:sqlite'

const TABLES = `
-- What a client that comes back calls a conversation of its person.
ALTER TABLE conversations ADD COLUMN session TEXT;
CREATE INDEX conversations_of_session ON conversations (session, owner_id, number) WHERE session IS NOT NULL;

-- Guests are few and short-lived: they are looked for by when they came, what they leave by whose it is.
CREATE INDEX guests ON users (created_at) WHERE role = 'guest';
CREATE INDEX conversation_rooms ON rooms (owner_id) WHERE kind = 'conversation';
`

/** Conversations that clients come back to, and people without an account. */
export const guests = (db: DatabaseSync): void => db.exec(TABLES)
