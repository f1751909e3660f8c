import { readAllowed } from '../outbound/allowed.ts'
import type { Kind } from './kinds.ts'

/** Where the server may connect to. */
export const destinations: Kind<string> = {
  allowed: 'a list, separated by commas, of: host names, addresses and blocks, each alone or with :port',
  read: text => (readAllowed(text).wrong.length === 0 ? text : undefined),
}
