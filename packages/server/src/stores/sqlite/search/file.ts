import { closeSync, openSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { query } from '../connection.ts'
import { failureOf } from '../failure.ts'

/** What the tables mean. Another number: the file is made anew. */
const VERSION = 1
const CACHE_KIB = 16 * 1024
const LOG_LIMIT = 16 * 1024 * 1024

/*
 * "text" has the words of a message, "keys" its room and its sender, so that a word which is frequent elsewhere costs nobody
 * much. Both are split at spaces alone: what a word is was decided before. Contentless: the text stays in the store's file.
 */
const TABLES = `
CREATE VIRTUAL TABLE words USING fts5(
  text, keys, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2 3 4'
);

-- The earliest and the latest time in each thousand of messages, for questions about a time.
CREATE TABLE times (
  block INTEGER PRIMARY KEY,
  earliest INTEGER NOT NULL,
  latest INTEGER NOT NULL
) STRICT;

-- One row: of which store it is, and how far it has come there.
CREATE TABLE position (
  store BLOB NOT NULL,
  message INTEGER NOT NULL,
  message_id BLOB NOT NULL,
  change INTEGER NOT NULL
) STRICT;

PRAGMA user_version = ${VERSION};
`

/** The index was found to be no good: damaged, or not what this version writes. It is to be made anew. */
export class IndexUnusable extends Error {
  override readonly name = 'IndexUnusable'
}

/** The file of the index at `path`, made for its owner alone where there is none. Throws IndexUnusable. */
export function openFile(path: string): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600))
  const db = new DatabaseSync(path)
  try {
    return onIndex(() => prepare(db))
  } catch (error) {
    db.close()
    throw error
  }
}

function prepare(db: DatabaseSync): DatabaseSync {
  db.exec('PRAGMA journal_mode = WAL')
  // A power cut may take back what was committed last, never a part of it: the position goes back with the words.
  db.exec('PRAGMA synchronous = NORMAL')
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
  db.exec(`PRAGMA journal_size_limit = ${LOG_LIMIT}`)
  const [version] = query<[number]>(db, 'PRAGMA user_version').one() ?? [0]
  const [tables] = query<[number]>(db, 'SELECT count(*) FROM sqlite_schema').one() ?? [0]
  if (version !== VERSION && tables > 0) throw new IndexUnusable('it is of another version')
  if (tables === 0) db.exec(`BEGIN; ${TABLES} COMMIT`)
  return db
}

/** Deletes the file and what belongs to it. */
export function deleteFile(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
}

/** Does something with the index alone. Throws IndexUnusable where that shows damage. */
export function onIndex<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof IndexUnusable || failureOf(error) !== 'corrupt') throw error
    throw new IndexUnusable('it is damaged', { cause: error })
  }
}
