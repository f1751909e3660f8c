/** What was said in a room long ago, in few words of a model. Only where one person talks with an agent. */
export interface Summary {
  readonly text: string
  /** Ordinals of the first and the last message that it is about. */
  readonly first: number
  readonly upTo: number
}

/** Longest text, in UTF-16 units. */
export const SUMMARY_MAX = 6_000
