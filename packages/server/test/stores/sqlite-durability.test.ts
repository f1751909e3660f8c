import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { StoreFailed } from '../../src/core/ports/store.ts'
import { openForReading, openForWriting, query, StoreUnusable } from '../../src/stores/sqlite/connection.ts'
import { VERSION } from '../../src/stores/sqlite/migrations/migrate.ts'
import { DATABASE_FILE, openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { worldOn } from '../contracts/store-world.ts'
import { openInTemporary, temporaryDirectory } from './temporary.ts'

const pragma = (db: DatabaseSync, name: string) => query<[unknown]>(db, `PRAGMA ${name}`).one()?.[0]

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined).catch(error => error)

test("[STORE-80] the writing connection syncs each commit, the reading one can't write", async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'x.db')
  const writer = openForWriting(path)
  const set = ['journal_mode', 'synchronous', 'wal_autocheckpoint', 'cache_size', 'busy_timeout']
  expect(set.map(name => pragma(writer, name))).toEqual(['wal', 2, 4096, -65536, 5000])
  writer.exec('CREATE TABLE t (x)')
  const reader = openForReading(path)
  expect(() => reader.exec('INSERT INTO t VALUES (1)')).toThrow(/readonly/)
  reader.close()
  writer.close()
})

test('[STORE-80] where no write-ahead log can be had the database is not used', () => {
  expect(() => openForWriting(':memory:')).toThrow(StoreUnusable)
})

test('[STORE-81] the directory and the database are made for their owner alone', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'new', 'data')
  const store = await openSqliteStore(path)
  expect((await stat(join(directory.path, 'new'))).mode & 0o777).toBe(0o700)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  for (const suffix of ['', '-wal', '-shm']) {
    expect((await stat(join(path, DATABASE_FILE + suffix))).mode & 0o777).toBe(0o600)
  }
  await store.close()
})

test('[STORE-82] a database of a newer version is refused and left as it is', async () => {
  await using directory = await temporaryDirectory()
  await (await openSqliteStore(directory.path)).close()
  const path = join(directory.path, DATABASE_FILE)
  const db = new DatabaseSync(path)
  expect(pragma(db, 'user_version')).toBe(VERSION)
  db.exec(`PRAGMA user_version = ${VERSION + 1}; PRAGMA wal_checkpoint(TRUNCATE)`)
  db.close()
  const before = await readFile(path)
  const failure = await failureOf(openSqliteStore(directory.path))
  expect(failure).toBeInstanceOf(StoreUnusable)
  expect(String(failure)).toMatch(`${path} has version ${VERSION + 1}`)
  expect((await readFile(path)).equals(before)).toBe(true)
})

test('[STORE-82] a file that is no database is refused', async () => {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, DATABASE_FILE), 'x'.repeat(4096))
  const path = join(directory.path, DATABASE_FILE)
  expect(String(await failureOf(openSqliteStore(directory.path)))).toMatch(
    `${path} can't be used: file is not a database`,
  )
  const inFile = await failureOf(openSqliteStore(path))
  expect(inFile).toBeInstanceOf(StoreUnusable)
})

test('[STORE-83] a commit for which the disk has no room stores nothing, and the store goes on', async () => {
  const under = await openInTemporary({ maxPages: 80 })
  const world = worldOn(under.store)
  const ann = await world.person('ann')
  const first = await world.send(ann)
  const large = Array.from({ length: 40 }, () => world.draft(ann, { body: 'x'.repeat(10_000) }))
  const failure = await failureOf(under.store.commit([world.draft(ann), ...large]))
  expect(failure).toBeInstanceOf(StoreFailed)
  expect(failure).toMatchObject({ code: 'disk_full' })
  expect(await world.historyIds()).toEqual([first.id])
  expect(await world.send(ann)).toMatchObject({ ordinal: 2, seq: 2 })
  const inSavepoint = { type: 'message.edit', id: first.id, body: 'y'.repeat(400_000), at: 0 } as const
  expect(await failureOf(under.store.commit([world.draft(ann), inSavepoint]))).toMatchObject({ code: 'disk_full' })
  expect(await world.send(ann)).toMatchObject({ ordinal: 3, seq: 3 })
  await under.close()
})

test('[STORE-84] when the writing thread dies the open commit and all after it fail; reading goes on', async () => {
  const threads: Worker[] = []
  const take = (worker: Worker) => threads.push(worker)
  process.on('worker', take)
  const under = await openInTemporary()
  process.off('worker', take)
  const world = worldOn(under.store)
  const ann = await world.person('ann')
  const open = failureOf(under.store.commit(Array.from({ length: 20_000 }, () => world.draft(ann))))
  await threads[0]?.terminate()
  expect(await open).toMatchObject({ name: 'StoreFailed', code: 'crashed' })
  expect(await failureOf(under.store.commit([world.draft(ann)]))).toMatchObject({ code: 'crashed' })
  expect(await under.store.user(ann.id)).toEqual(ann)
  expect(await under.store.everyone()).toEqual([ann])
  const again = await under.reopen?.()
  if (again) expect(await worldOn(again).send(ann)).toMatchObject({ ordinal: 1 })
  await under.close()
})

test('[STORE-5] a closed store answers no question and starts no thread for one', async () => {
  const threads: Worker[] = []
  const take = (worker: Worker) => threads.push(worker)
  process.on('worker', take)
  const under = await openInTemporary()
  await under.store.close()
  expect(await failureOf(under.store.everyone())).toMatchObject({ name: 'StoreFailed', code: 'closed' })
  expect(await failureOf(under.store.hasAdmin())).toBeInstanceOf(Error)
  process.off('worker', take)
  expect(threads).toHaveLength(1)
  await under.close()
})

test('[STORE-85] two processes write to one directory; each sees what the other did', async () => {
  await using directory = await temporaryDirectory()
  const store = await openSqliteStore(directory.path)
  const world = worldOn(store)
  const ann = await world.person('ann')
  const child = fork(new URL('./other-process.ts', import.meta.url), [directory.path, ann.id, 'together'], {
    execArgv: [],
  })
  await once(child, 'message')
  const theirs = once(child, 'message')
  child.send('go')
  const ours: number[] = []
  while (ours.length < 60) ours.push((await world.send(ann)).ordinal)
  const all = [...ours, ...(await theirs)[0]].sort((a, b) => a - b)
  expect(all).toEqual(Array.from({ length: 120 }, (_, index) => index + 1))
  const rows = await store.log(store.lobby, 0, 1_000)
  expect(rows.map(row => row.seq)).toEqual(all)
  expect(rows.filter(row => 'message' in row && row.message.body === 'from the other process')).toHaveLength(60)
  if (child.exitCode === null) await once(child, 'exit')
  await store.close()
})

test('[STORE-86] what a killed process had acknowledged is there, once each', async () => {
  await using directory = await temporaryDirectory()
  const first = await openSqliteStore(directory.path)
  const ann = await worldOn(first).person('ann')
  await first.close()
  for (let round = 0; round < 3; round++) {
    const child = fork(new URL('./other-process.ts', import.meta.url), [directory.path, ann.id, 'forever'], {
      execArgv: [],
    })
    const acknowledged: number[] = []
    child.on('message', ordinal => {
      acknowledged.push(Number(ordinal))
      if (acknowledged.length === 15) child.kill('SIGKILL')
    })
    await once(child, 'exit')
    const store = await openSqliteStore(directory.path)
    const ordinals = (await store.log(store.lobby, 0, 10_000)).map(row => ('message' in row ? row.message.ordinal : 0))
    expect(ordinals).toEqual(ordinals.map((_, index) => index + 1))
    expect(ordinals).toEqual(expect.arrayContaining(acknowledged))
    await store.close()
  }
})

test('[STORE-89] the reading thread refuses what it can’t answer in time, and a new one takes the place of one that died', async () => {
  const threads: Worker[] = []
  const take = (worker: Worker) => threads.push(worker)
  process.on('worker', take)
  const under = await openInTemporary()
  const ann = await worldOn(under.store).person('ann')
  const asked = await Promise.allSettled(
    Array.from({ length: 1_000 }, () => under.store.unread(ann.id, 'lobby', { limit: 1, offset: 0 })),
  )
  process.off('worker', take)
  const refused = asked.flatMap(one => (one.status === 'rejected' ? [one.reason] : []))
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeLessThan(1_000)
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['busy']))

  const dying = failureOf(under.store.everyone())
  await threads[1]?.terminate()
  expect([undefined, 'crashed']).toContain(((await dying) as StoreFailed | undefined)?.code)
  // The first question after a death may be the one that finds out.
  await under.store.everyone().catch(() => undefined)
  expect(await under.store.everyone()).toMatchObject([{ name: 'ann' }])
  await under.close()
})
