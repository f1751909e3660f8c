import type { Asks } from './asks.ts'
import type { AskSettings, Requests } from './requests.ts'
import type { Room } from './room.ts'
import { type SentMessage, sentMessage } from './room-log.ts'

export interface SearchOptions {
  /** Name or id of who wrote it. */
  readonly sender?: string | undefined
  /** Times: from one on, and before the other. */
  readonly from?: Date | undefined
  readonly until?: Date | undefined
  /** `next` of the page before. */
  readonly before?: number | undefined
  /** At most 50. Default 20. */
  readonly limit?: number | undefined
}

/** A message that was found. It is not added to the list of its room. */
export interface FoundMessage {
  readonly room: Room
  readonly message: SentMessage
  /** The part of its text around the first hit, on one line. */
  readonly excerpt: string
  /** Where the hits are in it: starts and ends. */
  readonly hits: readonly (readonly [start: number, end: number])[]
}

export interface SearchPage {
  /** Newest first. */
  readonly results: readonly FoundMessage[]
  /** `before` of the next page; null where there is none. A page may hold fewer than its limit, or none, before the last. */
  readonly next: number | null
}

/** Asks for messages with these words: in the room of `settings`, or in all. `room` finds the object of a room. */
export async function searchIn(
  requests: Pick<Requests, 'ask'>,
  text: string,
  { from, until, ...options }: SearchOptions,
  settings: AskSettings,
  room: (id: string) => Room,
): Promise<SearchPage> {
  const data: Asks['search']['data'] = {
    ...{ query: text, ...options },
    ...(from && { from: from.toISOString() }),
    ...(until && { until: until.toISOString() }),
  }
  const { results, next } = await requests.ask('search', data, settings)
  return {
    results: results.map(({ room_id, message, excerpt, hits }) => {
      const found = { room: room(room_id), message: sentMessage(message) }
      return { ...found, excerpt, hits }
    }),
    next,
  }
}
