import type { RoomId, UserId } from '../ids.ts'
import type { Message } from '../message.ts'
import type { Excerpt } from '../search/excerpt.ts'

/** What is looked for, and where the person who looks may look. */
export interface SearchQuery {
  /**
   * What people type: words that must all be there, in any case and with or without accents; the last one may be a beginning
   * of two letters or more; "a phrase" in quotes; text in scripts without spaces is found by any part of it. `phrasesOf` reads it.
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

/** A message that was found, with the part of its text around the first hit. */
export interface Found extends Excerpt {
  readonly message: Message
}

/** Newest first. */
export interface FoundPage {
  /** Fewer than asked for, or none, where much had to be looked through for them. */
  readonly items: readonly Found[]
  /** `before` of the next page; null where there is none. */
  readonly next: number | null
}

/**
 * Finds messages by their text. A follower of the store with a position of its own: what is sent is found a moment later, and
 * no send waits for it. What is edited is found by its new text alone, what is deleted not at all, at the latest a moment after. What the system said is
 * not found. One contract suite proves this for every implementation.
 */
export interface Search {
  /** Nothing for a text without a word in it. Rejects with StoreFailed: `busy` when more is asked than it answers in time. */
  find(query: SearchQuery): Promise<FoundPage>
  /** Has it look for what is new. Cheap, and to be called as often as something may be. */
  wake(): void
  /** Resolves once everything is found that was committed before the call. */
  caughtUp(): Promise<void>
  /** Messages and changes that are stored and not found yet. */
  lag(): Promise<number>
  close(): Promise<void>
}
