import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inOneMoment, openForReading, openForWriting, query } from '../../src/stores/sqlite/connection.ts'
import { worldOn } from '../contracts/store-world.ts'
import { openInTemporary, temporaryDirectory } from './temporary.ts'

test('[STORE-88] the statements of one question see one moment', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'x.db')
  const writer = openForWriting(path)
  writer.exec('CREATE TABLE t (x)')
  const reader = openForReading(path)
  const count = query<[number]>(reader, 'SELECT count(*) FROM t')
  const ask = () => {
    const before = count.one()?.[0]
    writer.exec('INSERT INTO t VALUES (1)')
    return [before, count.one()?.[0]]
  }
  expect(ask()).toEqual([0, 1])
  expect(inOneMoment(reader)(ask)).toEqual([1, 1])
  expect(count.one()?.[0]).toBe(2)
  reader.close()
  writer.close()
})

test('[STORE-88] a page is of the moment of its total, whatever is deleted while it is read', async () => {
  const { store, close } = await openInTemporary()
  const { person, sendMany, remove } = worldOn(store)
  const ids = await sendMany(await person('alice'), 900)
  let deleting = true
  const deleted = (async () => {
    for (const [i, id] of ids.entries()) if (i % 3 > 0) await remove(id)
    deleting = false
  })()
  const offset = 100
  while (deleting) {
    const { items, total } = await store.history({ of: { scope: 'lobby' }, since: null, limit: 1_000, offset })
    expect(items.length).toBe(total - offset)
    await turn()
  }
  await deleted
  await close()
})
