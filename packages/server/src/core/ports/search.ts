import type { RoomId, UserId } from '../ids.ts'
import type { Message } from '../message.ts'

/** What is looked for, and where the person who looks may look. */
export interface SearchQuery {
  /**
   * What people type: words that must all be there, in any case and with or without accents; the last one may be a beginning;
   * "a phrase" in quotes; text in scripts without spaces is found by any part of it.
   */
  readonly text: string
  /** The rooms to look in, each from after an ordinal on. Nothing outside of them is found, whatever `text` holds. */
  readonly rooms: readonly { readonly room: RoomId; readonly above: number }[]
  readonly sender: UserId | null
  /** Only messages of these times: from, up to and without; milliseconds since 1970. */
  readonly from: number | null
  readonly until: number | null
  /** Only messages with a smaller number: the next page. */
  readonly before: number | null
  readonly limit: number
}

/** A message that was found. */
export interface Found {
  readonly message: Message
  /** The part of the text around the first hit, and where the hits are in it: pairs of start and end, in UTF-16 units. */
  readonly excerpt: string
  readonly hits: readonly (readonly [number, number])[]
}

/**
 * Finds messages by their text. A follower of the store with a position of its own: what is sent is found a moment later, and
 * no send waits for it. What is edited is found by its new text alone, what is deleted not at all, at the latest a moment after.
 * One contract suite proves this for every implementation.
 */
export interface Search {
  /** Newest first. Nothing for a text without a word in it. */
  find(query: SearchQuery): Promise<{ readonly items: readonly Found[]; readonly isMore: boolean }>
  /** Has it look for what is new. Cheap, and to be called as often as something may be. */
  wake(): void
  /** Resolves once everything is found that was committed before the call. */
  caughtUp(): Promise<void>
  /** Messages and changes that are stored and not found yet. */
  lag(): Promise<number>
  close(): Promise<void>
}
