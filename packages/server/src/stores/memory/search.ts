import type { Message } from '../../core/message.ts'
import type { Found, Search, SearchQuery } from '../../core/ports/search.ts'
import { type Store, StoreFailed } from '../../core/ports/store.ts'
import { excerptOf } from '../../core/search/excerpt.ts'
import { hitsIn, type Phrases, phrasesOf } from '../../core/search/query.ts'

const PAGE = 1_000

/** A search for tests: reads everything anew each time, in any store. */
export function openMemorySearch(store: Store): Search {
  let isOpen = true
  return {
    async find(query) {
      if (!isOpen) throw new StoreFailed('closed')
      const phrases = phrasesOf(query.text)
      const rooms = phrases.length === 0 ? [] : await Promise.all(query.rooms.map(room => messagesIn(store, room)))
      const all = rooms.flat().flatMap(message => look(message, phrases, query))
      const items = all.toSorted((a, b) => b.message.number - a.message.number).slice(0, query.limit)
      return { items, next: items.length < all.length ? (items.at(-1)?.message.number ?? null) : null }
    },
    wake: () => undefined,
    caughtUp: async () => undefined,
    lag: async () => 0,
    async close() {
      isOpen = false
    },
  }
}

async function messagesIn(store: Store, { room, above }: SearchQuery['rooms'][number]): Promise<readonly Message[]> {
  const all: Message[] = []
  for (let after = above, isMore = true; isMore; after = all.at(-1)?.ordinal ?? after) {
    const page = await store.roomHistory({ room, above, conversation: null, where: { after }, limit: PAGE })
    all.push(...page.items)
    isMore = page.isMoreAfter
  }
  return all
}

function look(message: Message, phrases: Phrases, { sender, from, until, before }: SearchQuery): readonly Found[] {
  const { kind, at, number, body } = message
  if (kind === 'system' || (sender !== null && message.sender !== sender)) return []
  if (at < (from ?? at) || at >= (until ?? at + 1) || number >= (before ?? number + 1)) return []
  const hits = hitsIn(body, phrases)
  return hits ? [{ message, ...excerptOf(body, hits) }] : []
}
