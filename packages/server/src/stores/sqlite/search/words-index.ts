import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../../core/ids.ts'
import type { Phrases } from '../../../core/search/query.ts'
import { wordsOf } from '../../../core/search/words.ts'
import { query } from '../connection.ts'
import { IndexUnusable, onIndex } from './file.ts'

/** How far an index has come in its store. */
export interface Position {
  /** Number of the last message it has looked at, and that message's id; 0 and nothing before the first. */
  readonly message: number
  readonly messageId: Uint8Array
  /** The last change it has looked at. */
  readonly change: number
}

/** A message as it is indexed. */
export interface Indexed {
  readonly number: number
  readonly room: RoomId
  readonly sender: UserId
  readonly body: string
  readonly at: number
}

/** What is looked for. */
export interface Wanted {
  readonly phrases: Phrases
  /** The rooms to look in; null for all of them, where whoever asks sorts out what is not for them. */
  readonly rooms: Iterable<RoomId> | null
  readonly sender: UserId | null
}

/** A message is in the block of its number divided by this. */
const BLOCK = 1_024
/** After every block there will be. */
const END = 2 ** 40

/**
 * What no word has, as often as the longest prefix that is indexed has letters. So keys are not found by words, and add next to
 * nothing to the indexes of prefixes.
 */
const KEY = '····'
const keyOf = (id: RoomId | UserId): string => KEY + id.replaceAll('-', '')

export type WordsIndex = ReturnType<typeof wordsIndexOn>

/** The index on an open file. Everything throws IndexUnusable where the file turns out to be damaged. */
export function wordsIndexOn(db: DatabaseSync) {
  const sql = prepared(db)
  const run = (statement: StatementSync, ...values: SQLInputValue[]) => void onIndex(() => statement.run(...values))

  return {
    /** Undefined for an index that was just made. */
    position(): (Position & { readonly store: Uint8Array }) | undefined {
      const row = onIndex(() => sql.position.one())
      return row && { store: row[0], message: row[1], messageId: row[2], change: row[3] }
    },
    /** Says of which store it is, and after which change it begins. */
    begin: (store: Uint8Array, change: number): void => run(sql.begin, store, change),
    /** Everything that `work` does, and the position it answers, or nothing. */
    inOne(work: () => Position): Position {
      onIndex(() => db.exec('BEGIN'))
      try {
        const to = work()
        run(sql.move, to.message, to.messageId, to.change)
        onIndex(() => db.exec('COMMIT'))
        return to
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
    /** Puts a message in that is not there. Cheapest in the order of their numbers. */
    put({ number, room, sender, body, at }: Indexed): void {
      const words = wordsOf(body).map(word => word.text)
      run(sql.put, number, words.join(' '), `${keyOf(room)} ${keyOf(sender)}`)
      run(sql.time, Math.floor(number / BLOCK), at, at)
    },
    /** Takes a message out, if it is there. */
    remove: (number: number): void => run(sql.remove, number),
    /** Numbers from `from` on, below `before`, that may have what is wanted; the largest first. */
    candidates: (wanted: Wanted, from: number, before: number, limit: number): readonly number[] =>
      onIndex(() => sql.find.all(matchOf(wanted), from, before, limit).map(([number]) => number)),
    /** Between which numbers messages of a time are: from one on, and below the other. */
    numbersAt(from: number | null, until: number | null): readonly [from: number, before: number] {
      const first = from === null ? 0 : onIndex(() => sql.firstBlock.one(from))?.[0]
      const last = until === null ? END : onIndex(() => sql.lastBlock.one(until))?.[0]
      return [(first ?? END) * BLOCK, ((last ?? -1) + 1) * BLOCK]
    },
    /** Whether from now on a power cut takes nothing back of what was committed; not while another process reads the file. */
    sync: (): boolean => onIndex(() => sql.sync.one())?.[0] === 0,
    close: (): void => db.close(),
  }
}

/** Words hold letters and digits alone, so nothing that somebody typed has a meaning here. */
function matchOf({ phrases, rooms, sender }: Wanted): string {
  const texts = phrases.map(({ words, isOpen }) => `"${words.join(' ')}"${isOpen ? '*' : ''}`)
  const places = rooms && `keys : (${[...rooms].map(room => `"${keyOf(room)}"`).join(' OR ')})`
  const by = sender && `keys : "${keyOf(sender)}"`
  return [`text : (${texts.join(' AND ')})`, places, by].filter(part => part !== null).join(' AND ')
}

/** A statement without an answer that is read: it may hold a row id of FTS5's own, which no number of JavaScript can be. */
function writing(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}

/** Throws IndexUnusable where the tables are others than ours, too. */
function prepared(db: DatabaseSync): ReturnType<typeof prepare> {
  try {
    return prepare(db)
  } catch (error) {
    throw new IndexUnusable('it is damaged', { cause: error })
  }
}

function prepare(db: DatabaseSync) {
  return {
    position: query<[store: Uint8Array, message: number, messageId: Uint8Array, change: number]>(
      db,
      'SELECT store, message, message_id, change FROM position',
    ),
    begin: writing(db, `INSERT INTO position (store, message, message_id, change) VALUES (?, 0, x'', ?)`),
    move: writing(db, 'UPDATE position SET message = ?, message_id = ?, change = ?'),
    put: writing(db, 'INSERT INTO words (rowid, text, keys) VALUES (?, ?, ?)'),
    remove: writing(db, 'DELETE FROM words WHERE rowid = ?'),
    // Numbers are bound as reals, and FTS5 begins its reading at integers alone.
    find: query<[number: number]>(
      db,
      `SELECT rowid FROM words WHERE words MATCH ? AND rowid >= CAST(? AS INTEGER) AND rowid < CAST(? AS INTEGER)
       ORDER BY rowid DESC LIMIT ?`,
    ),
    time: writing(
      db,
      `INSERT INTO times (block, earliest, latest) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`,
    ),
    firstBlock: query<[block: number | null]>(db, 'SELECT min(block) FROM times WHERE latest >= ?'),
    sync: query<[isBusy: number]>(db, 'PRAGMA wal_checkpoint(TRUNCATE)'),
    lastBlock: query<[block: number | null]>(db, 'SELECT max(block) FROM times WHERE earliest < ?'),
  }
}
