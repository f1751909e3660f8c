import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

/** How long a statement waits for another process that writes, in milliseconds. */
const BUSY_TIMEOUT = 5_000
const WRITER_CACHE_KIB = 64 * 1024
const READER_CACHE_KIB = 16 * 1024
/** Pages of 4 KiB in the log before a commit copies them into the database: 16 MiB. */
const CHECKPOINT_PAGES = 4_096
/** What the log is cut back to after it grew behind a long read, in bytes. */
const LOG_LIMIT = 64 * 1024 * 1024
/** The first release that does not lose a commit to a race between a checkpoint and a writer of another process. */
const OLDEST_SQLITE = 3_051_003

/** Why a database can't be opened, in words for the person who runs the server. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable'
}

/**
 * A connection whose commits are synced to disk before they return. Throws StoreUnusable where that can't be had.
 * With `maxPages` the database can't grow beyond that many pages of 4 KiB.
 */
export function openForWriting(path: string, maxPages?: number): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT })
  try {
    requireVersion(db)
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    db.exec(`PRAGMA cache_size = -${WRITER_CACHE_KIB}`)
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    db.exec(`PRAGMA journal_size_limit = ${LOG_LIMIT}`)
    if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${maxPages}`)
    requireDurability(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A connection that can't write. Each statement sees what was committed when it began. */
export function openForReading(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT })
  db.exec(`PRAGMA cache_size = -${READER_CACHE_KIB}`)
  return db
}

function requireVersion(db: DatabaseSync): void {
  const version = query<[string]>(db, 'SELECT sqlite_version()').one()?.[0] ?? ''
  const number = version.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0)
  if (number < OLDEST_SQLITE) throw new StoreUnusable(`SQLite 3.51.3 or later is needed; this Node.js has ${version}.`)
}

function requireDurability(db: DatabaseSync, path: string): void {
  const mode = query<[string]>(db, 'PRAGMA journal_mode').one()?.[0]
  const synchronous = query<[number]>(db, 'PRAGMA synchronous').one()?.[0]
  if (mode === 'wal' && synchronous === 2) return
  throw new StoreUnusable(`The file system of ${path} can't hold a write-ahead log (journal mode ${mode}).`)
}

/** A prepared statement that answers rows of the columns it selects, in their order. */
export interface Query<Row extends readonly unknown[]> {
  one(...values: SQLInputValue[]): Row | undefined
  all(...values: SQLInputValue[]): readonly Row[]
}

/** Prepares `sql`. `Row` is the promise of whoever wrote the SQL: nothing else knows the types of its columns. */
export function query<Row extends readonly unknown[]>(db: DatabaseSync, sql: string): Query<Row> {
  const statement = db.prepare(sql, { returnArrays: true })
  return {
    one: (...values) => statement.get(...values) as unknown as Row | undefined,
    all: (...values) => statement.all(...values) as unknown as readonly Row[],
  }
}

/**
 * Runs a question of several statements so that all of them see one moment: without a transaction the writer may commit
 * between two of them, and a page would skip a message because of one that was deleted while it was counted.
 */
export function inOneMoment(db: DatabaseSync): <T>(ask: () => T) => T {
  const begin = db.prepare('BEGIN')
  const end = db.prepare('COMMIT')
  return ask => {
    begin.run()
    try {
      return ask()
    } finally {
      end.run()
    }
  }
}
