import type { Hit } from './query.ts'

/** The part of a text around its first hit. */
export interface Excerpt {
  /** On one line, with `…` where the text goes on. */
  readonly excerpt: string
  /** Where the hits are in it. */
  readonly hits: readonly Hit[]
}

/** In UTF-16 units, without the marks of what was left out. */
const LENGTH = 200
/** How much of it stands before the first hit, at the most. */
const BEFORE = 60
const MORE = '…'

export function excerptOf(text: string, hits: readonly Hit[]): Excerpt {
  const from = startFor(text, hits[0]?.[0] ?? 0)
  const to = endFor(text, from + LENGTH)
  const lead = from > 0 ? MORE : ''
  const moved = (at: number) => Math.min(at, to) - from + lead.length
  return {
    excerpt: `${lead}${text.slice(from, to).replace(/\s/g, ' ')}${to < text.length ? MORE : ''}`,
    hits: hits.filter(([start]) => start < to).map(([start, end]) => [moved(start), moved(end)]),
  }
}

/** The beginning of a word a little before the hit, or the middle of a long one. */
function startFor(text: string, hit: number): number {
  if (hit <= BEFORE) return 0
  const from = hit - BEFORE
  const space = text.slice(from, hit).search(/\s/)
  return space === -1 ? wholeAt(text, from) : from + space + 1
}

/** The end of a word, where one ends in the last third. */
function endFor(text: string, to: number): number {
  if (to >= text.length) return text.length
  const least = to - BEFORE
  const space = text.slice(least, to).search(/\s\S*$/)
  return space === -1 ? wholeAt(text, to) : least + space
}

/** The same place, or the one before where it would cut a sign in two. */
const wholeAt = (text: string, at: number): number => (/[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at)
