import { openMemorySearch } from '../../src/stores/memory/search.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { searchContract } from '../contracts/search.ts'

searchContract('memory', async () => {
  const store = openMemoryStore()
  return { store, search: openMemorySearch(store), close: () => store.close() }
})
