import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../../src/core/ports/store.ts'
import { openSqliteStore, type SqliteOptions } from '../../src/stores/sqlite/store.ts'
import type { StoreUnderTest } from '../contracts/store-world.ts'

/** A fresh directory, gone when the test ends. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'parley-store-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A SQLite store in a fresh directory. */
export async function openInTemporary(options: SqliteOptions = {}): Promise<StoreUnderTest & { store: Store }> {
  const directory = await temporaryDirectory()
  let lives = 0
  let path = join(directory.path, `${lives}`)
  let store = await openSqliteStore(path, options)
  return {
    store,
    async reopen() {
      await store.close()
      store = await openSqliteStore(path, options)
      return store
    },
    // A copy of what is on the disk is what a process leaves that is killed between two commits.
    async crash() {
      const after = join(directory.path, `${++lives}`)
      await cp(path, after, { recursive: true, filter: file => !file.endsWith('-shm') })
      await store.close()
      path = after
      store = await openSqliteStore(path, options)
      return store
    },
    async close() {
      await store.close()
      await directory[Symbol.asyncDispose]()
    },
  }
}
