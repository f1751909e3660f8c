import { TokenBowlError } from '../errors.ts'
import type { PaginatedMessages } from './types.ts'

/**
 * Walks through a list that is given in pages, newest first, while others add to it and delete from it. Yields everything
 * that is in the list from start to end at least once; some of it, and what is added meanwhile, perhaps again.
 *
 * Additions push what wasn't read yet to higher offsets: read again, never skipped. Deletions pull it to lower ones, by no
 * more than the total shrank between two pages: so far the walk steps back.
 */
export async function* newestFirst(page: (offset: number) => Promise<PaginatedMessages>): AsyncGenerator<unknown> {
  let offset = 0
  let before = 0
  for (;;) {
    const { messages, pagination } = checked(await page(offset))
    yield* messages
    const shrank = before - pagination.total
    before = pagination.total
    if (shrank > 0) offset = Math.max(0, offset - shrank)
    else if (pagination.has_more && messages.length > 0) offset += messages.length
    else return
  }
}

/** Whatever answers may not be our server: a proxy's page must not pass for an empty history. */
function checked(page: Partial<PaginatedMessages>): PaginatedMessages {
  const { messages, pagination } = page ?? {}
  if (Array.isArray(messages) && typeof pagination?.total === 'number') return { messages, pagination }
  throw new TokenBowlError('The server sent a malformed history')
}
