import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done } from '../outcomes.ts'
import type { Transaction } from './transaction.ts'

/** What the triggers of `messages` wrote down for a search, and it has gone past. */
export function changeWrites({ db }: Transaction) {
  const forget = db.prepare(
    'DELETE FROM search_changes WHERE id IN (SELECT id FROM search_changes WHERE id <= ? ORDER BY id LIMIT ?)',
  )
  return {
    forget: ({ upTo, limit }: WriteOf<'search.forget'>): Outcome<'search.forget'> =>
      done({ removed: Number(forget.run(upTo, limit).changes) }),
  }
}
