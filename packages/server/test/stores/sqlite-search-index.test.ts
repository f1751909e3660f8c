import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openForReading } from '../../src/stores/sqlite/connection.ts'
import { SEARCH_FILE } from '../../src/stores/sqlite/search/search.ts'
import { searchingOn } from '../../src/stores/sqlite/search/searching.ts'
import { DATABASE_FILE, openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { worldOn } from '../contracts/store-world.ts'
import { temporaryDirectory } from './temporary.ts'

/** Changes that are worth forgetting. */
const FORGET_MIN = 5

/** A store in a directory, of which moments are kept as a process leaves them that is killed, and searches that open those. */
async function openPlace() {
  const directory = await temporaryDirectory()
  const now = join(directory.path, 'now')
  const store = await openSqliteStore(now)
  const copy = (file: string, from: string, to: string) => {
    mkdirSync(to, { recursive: true })
    for (const name of [file, `${file}-wal`]) if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name))
  }
  const indexOf = (path: string) => join(path, SEARCH_FILE)

  /** Opens the index as it is, has it catch up, at most `slices`, and answers what it then finds and tells. */
  function look(text: string, path = now, slices = Number.POSITIVE_INFINITY) {
    const db = openForReading(join(path, DATABASE_FILE))
    const searching = searchingOn(db, indexOf(path), FORGET_MIN)
    const remade: string[] = []
    let forget: number | null = null
    try {
      for (let left = slices, isBehind = true; isBehind && left > 0; left--) {
        const progress = searching.answer({ type: 'follow' })
        if (progress.remade !== null) remade.push(progress.remade)
        forget = progress.forget
        isBehind = progress.isBehind
      }
      const rooms = [{ room: store.lobby, above: 0 }]
      const rest = { sender: null, from: null, until: null, before: null, limit: 1_000 }
      const { items } = searching.answer({ type: 'find', query: { text, rooms, ...rest } })
      return { found: items.map(({ message }) => message.body), remade, forget }
    } finally {
      searching.close()
      db.close()
    }
  }

  let kept = 0
  return {
    ...{ now, store, world: worldOn(store), look, index: indexOf(now) },
    /** A directory with the database and the index as they are now, or as they were in other directories. */
    keep(database = now, index = now) {
      const path = join(directory.path, `${++kept}`)
      copy(DATABASE_FILE, database, path)
      copy(SEARCH_FILE, index, path)
      return path
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      await directory[Symbol.asyncDispose]()
    },
  }
}

test('[SEARCH-40] the index is made for its owner alone, and again where it is missing, damaged or of another version', async () => {
  await using place = await openPlace()
  const { world, look, index, now, keep } = place
  expect(look('word')).toEqual({ found: [], remade: [], forget: null })
  for (const end of ['', '-wal']) if (existsSync(index + end)) expect(statSync(index + end).mode & 0o777).toBe(0o600)
  const ann = await world.person('Ann')
  await world.sendMany(ann, 50, { body: 'a word' })
  expect(look('word').found).toHaveLength(50)
  const ruin: readonly [string, (file: string) => void, string][] = [
    ['missing', () => undefined, 'there is none'],
    ['rubbish', file => writeFileSync(file, 'rubbish '.repeat(2_000)), 'it is damaged'],
    ['torn', file => writeFileSync(file, torn(readFileSync(index))), 'it is damaged'],
    ['another version', file => execIn(file, index, 'PRAGMA user_version = 99'), 'it is of another version'],
    ['half of it', file => execIn(file, index, 'DROP TABLE times'), 'it is damaged'],
    ['something else', file => execIn(file, null, 'CREATE TABLE words (a)'), 'it is of another version'],
  ]
  for (const [name, make, why] of ruin) {
    const path = keep(now, join(now, 'nowhere'))
    make(join(path, SEARCH_FILE))
    const { found, remade } = look('word', path)
    expect([name, found.length, remade]).toEqual([name, 50, [why]])
    expect(look('word', path)).toEqual({ found, remade: [], forget: null })
  }
})

/** All but the header and the first pages is of another time. */
const torn = (bytes: Buffer): Buffer => bytes.fill(7, 8_192)

function execIn(file: string, copyOf: string | null, sql: string): void {
  if (copyOf !== null) cpSync(copyOf, file)
  using db = new DatabaseSync(file)
  db.exec(sql)
}

test('[SEARCH-41] an index that was left behind goes on from where it was', async () => {
  await using place = await openPlace()
  const { world, look, keep, now } = place
  const ann = await world.person('Ann')
  const ids = await world.sendMany(ann, 400, { body: 'early word' })
  const moments = [keep()]
  look('word', now, 1)
  moments.push(keep())
  look('word')
  moments.push(keep())
  for (const id of ids.slice(0, 3)) await world.edit(id, 'late word')
  for (const id of ids.slice(3, 5)) await world.remove(id)
  look('word', now, 1)
  moments.push(keep())
  await world.trim(world.store.lobby, 397)
  await world.sendMany(ann, 20, { body: 'late word' })
  for (const moment of moments) {
    const { found, remade } = look('word', keep(now, moment))
    expect(remade.filter(why => why !== 'there is none')).toEqual([])
    expect(found.filter(body => body === 'late word')).toHaveLength(20)
    expect(found.filter(body => body === 'early word')).toHaveLength(395)
  }
})

test('[SEARCH-42] an index of another database, or of another past of this one, is begun anew', async () => {
  await using place = await openPlace()
  await using other = await openPlace()
  const { world, look, keep } = place
  const ann = await world.person('Ann')
  await world.sendMany(ann, 10, { body: 'word before' })
  look('word')
  const before = keep()
  await world.sendMany(ann, 5, { body: 'word after' })
  look('word')
  const after = keep()
  const inOther = await other.world.person('Ann')
  await other.world.sendMany(inOther, 20, { body: 'other word' })
  other.look('word')
  const elsewhere = look('word', keep(after, other.now))
  expect([elsewhere.found.length, elsewhere.remade]).toEqual([15, ['it belongs to another database']])
  const restored = look('word', keep(before, after))
  expect([restored.found.length, restored.remade]).toEqual([10, ['it is newer than the database']])
  // The database was restored, and then others wrote to it.
  const goesOn = keep(before, after)
  const store = await openSqliteStore(goesOn)
  await worldOn(store).sendMany(ann, 8, { body: 'word instead' })
  await store.close()
  const { found, remade } = look('word', goesOn)
  expect([found.filter(body => body === 'word instead').length, found.length]).toEqual([8, 18])
  expect(remade).toEqual(['it is of another past of the database'])
})

test('[SEARCH-43] changes are forgotten when the index has them for good, none before; an index without them is begun anew', async () => {
  await using place = await openPlace()
  const { world, look, keep, now } = place
  const ann = await world.person('Ann')
  const ids = await world.sendMany(ann, 20, { body: 'word' })
  look('word')
  const behind = keep()
  for (const id of ids.slice(0, 6)) await world.edit(id, 'changed')
  const changes = () => {
    using db = openForReading(join(now, DATABASE_FILE))
    return db.prepare('SELECT count(*) AS count FROM search_changes').get()?.count
  }
  const { forget } = look('word')
  expect(forget).toBe(6)
  // Told while the store goes on.
  await world.edit(ids[7]!, 'changed')
  expect(await world.write({ type: 'search.forget', upTo: forget ?? 0, limit: 4 })).toEqual({ removed: 4 })
  expect(await world.write({ type: 'search.forget', upTo: forget ?? 0, limit: 4 })).toEqual({ removed: 2 })
  expect(changes()).toBe(1)
  expect(look('changed')).toEqual({ found: Array(7).fill('changed'), remade: [], forget: null })
  const { found, remade } = look('changed', keep(now, behind))
  expect([found.length, remade]).toEqual([7, ['it is older than what the database remembers']])
})
