import { storeContract } from '../contracts/store.ts'
import { openInTemporary } from './temporary.ts'

storeContract('sqlite', () => openInTemporary())
