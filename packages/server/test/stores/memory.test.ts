import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { storeContract } from '../contracts/store.ts'

storeContract('memory', async () => {
  const store = openMemoryStore()
  return { store, close: () => store.close() }
})
