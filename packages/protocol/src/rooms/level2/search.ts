import { z } from 'zod'
import { text } from '../../text.ts'
import { frameDown } from '../envelope.ts'
import { inRoom, limit, position, request } from './envelope.ts'
import { SEARCH_LIMIT_DEFAULT, SEARCH_LIMIT_MAX, SEARCH_TEXT_MAX } from './limits.ts'
import { message } from './messages.ts'

/** Words that all have to be there; in quotes a phrase. */
export const searchText = text(1, SEARCH_TEXT_MAX)

/** A moment as a client writes it, with its time zone. */
export const moment = z.iso.datetime({ offset: true })

/** Among one's rooms, or in the one of the envelope's `room_id`. */
export const searchFrame = request({
  query: searchText,
  /** Name or id of who wrote it. */
  sender: z.string().min(1).nullish(),
  from: moment.nullish(),
  until: moment.nullish(),
  /** `next` of the page before. */
  before: position.nullish(),
  limit: limit(SEARCH_LIMIT_DEFAULT, SEARCH_LIMIT_MAX),
})
export type SearchFrame = z.output<typeof searchFrame>

/** The answer to `search`, newest first. */
export const searchData = z.strictObject({
  results: z
    .array(
      z.strictObject({
        room_id: z.string(),
        ...inRoom,
        message,
        /** The part of the text around the first hit, on one line. */
        excerpt: z.string(),
        /** Where the hits are in it: starts and ends, in UTF-16 units. */
        hits: z.array(z.tuple([position, position])),
      }),
    )
    .max(SEARCH_LIMIT_MAX),
  /** `before` of the next page; null where there is none. A page may hold fewer than its limit, or none, before the last. */
  next: position.nullable(),
})
export type SearchData = z.infer<typeof searchData>

export const searchResultsFrame = frameDown('search_results', searchData)
export type SearchResultsFrame = z.infer<typeof searchResultsFrame>
