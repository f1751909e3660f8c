import { describe } from 'vitest'
import { modelRules } from '../contracts/store-model.ts'
import { openOnOneConnection } from './one-connection.ts'

describe('sqlite store on one connection', () => {
  modelRules(async () => {
    const store = openOnOneConnection()
    return { store, close: () => store.close() }
  }, 50)
})
