import type { RoomId } from '../../../core/ids.ts'
import type { Found, FoundPage, SearchQuery } from '../../../core/ports/search.ts'
import { excerptOf } from '../../../core/search/excerpt.ts'
import { hitsIn, type Phrases, phrasesOf } from '../../../core/search/query.ts'
import type { Source } from './source.ts'
import type { WordsIndex } from './words-index.ts'

/*
 * Naming rooms to the index costs: for each as much as looking at a dozen messages, and for a large one as much as going through
 * all of it. So the newest messages with the words are looked at first, wherever they are. Only where too few of them are the
 * asker's the index is asked for the rooms.
 */
const CHUNK = 128
/** In so few rooms a chunk is looked at first, in more of them some more. */
const FEW_ROOMS = 32
const LOOKS_ANYWHERE = 1_024
/** In more rooms than these they are never named. */
const MANY_ROOMS = 1_024
/** Messages that one question looks at. The page then ends, and the next one goes on. */
const LOOKS_MAX = 4_096

/** A question on its way. */
interface Search {
  readonly query: SearchQuery
  readonly phrases: Phrases
  /** Those that may hold something further down, with where the asker's part of them begins. */
  readonly rooms: Map<RoomId, number>
}

export function find(source: Source, index: WordsIndex, query: SearchQuery): FoundPage {
  const search = {
    query,
    phrases: phrasesOf(query.text),
    rooms: new Map(query.rooms.map(one => [one.room, one.above])),
  }
  const [from, until] = index.numbersAt(query.from, query.until)
  const items: Found[] = []
  let before = Math.min(until, query.before ?? until)
  for (let looks = 0; looks < LOOKS_MAX; looks += CHUNK) {
    if (search.phrases.length === 0 || search.rooms.size === 0) return page(items, query, null)
    const numbers = index.candidates(wanted(search, looks), from, before, CHUNK)
    for (const number of numbers) {
      items.push(...look(source, search, number))
      if (items.length > query.limit) return page(items, query, null)
    }
    if (numbers.length < CHUNK) return page(items, query, null)
    before = numbers.at(-1) ?? before
  }
  return page(items, query, before)
}

/** One more than asked for shows that there is another page. */
function page(items: readonly Found[], { limit }: SearchQuery, next: number | null): FoundPage {
  const shown = items.slice(0, limit)
  return { items: shown, next: items.length > limit ? (shown.at(-1)?.message.number ?? null) : next }
}

function wanted({ query, phrases, rooms }: Search, looks: number) {
  const anywhere = rooms.size <= FEW_ROOMS ? CHUNK : LOOKS_ANYWHERE
  const isNamed = looks >= anywhere && rooms.size <= MANY_ROOMS
  return { phrases, rooms: isNamed ? rooms.keys() : null, sender: query.sender }
}

/** The message if the asker may have it and it has what is looked for, as it is now. */
function look(source: Source, { query, phrases, rooms }: Search, number: number): readonly Found[] {
  const place = source.place(number)
  const above = place && rooms.get(place.room)
  if (!place || above === undefined) return []
  if (place.ordinal <= above) {
    // So is everything of this room that is older.
    rooms.delete(place.room)
    return []
  }
  if (place.at < (query.from ?? place.at) || place.at >= (query.until ?? place.at + 1)) return []
  const message = source.message(number)
  const hits = message && hitsIn(message.body, phrases)
  return message && hits ? [{ message, ...excerptOf(message.body, hits) }] : []
}
