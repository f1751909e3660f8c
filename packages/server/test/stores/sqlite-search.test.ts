import { openSqliteSearch } from '../../src/stores/sqlite/search/search.ts'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { searchContract } from '../contracts/search.ts'
import { temporaryDirectory } from './temporary.ts'

searchContract('sqlite', async () => {
  const directory = await temporaryDirectory()
  const store = await openSqliteStore(directory.path)
  const fail = (error: unknown) => {
    throw error
  }
  const search = openSqliteSearch(directory.path, { forget: async () => undefined, onRemade: fail, onFault: fail })
  await search.caughtUp()
  return {
    store,
    search,
    async close() {
      await search.close()
      await store.close()
      await directory[Symbol.asyncDispose]()
    },
  }
})
