import { wordsOf } from '../../core/search/words.ts'

/** Somebody's words. */
export interface Said {
  readonly who: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

/** Longest sentence that is quoted, in code points, and most sentences of one message. */
const SENTENCE_MAX = 160
const SENTENCES_MAX = 2

/**
 * The sentences that tell most, in the order they were said: those of some length, with words that are rare among the others,
 * questions, links, numbers, and what names `reader`. The same messages always give the same sentences.
 */
export function tellingOf(all: readonly Said[], reader: string, most: number): readonly Said[] {
  const sentences = all.flatMap((said, of) => sentencesOf(said.text).map(text => ({ ...said, text, of })))
  const words = sentences.map(({ text }) => new Set(wordsOf(text).map(word => word.text)))
  const counts = countsOf(words)
  const name = wordsOf(reader).map(word => word.text)
  const ranked = sentences
    .map((sentence, at) => ({ sentence, at, score: scoreOf(sentence.text, words[at] ?? new Set(), counts, name) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || a.at - b.at)
  const taken = new Map<number, number>()
  const kept = ranked.filter(({ sentence: { of } }) => {
    taken.set(of, (taken.get(of) ?? 0) + 1)
    return (taken.get(of) ?? 0) <= SENTENCES_MAX
  })
  return kept
    .slice(0, most)
    .toSorted((a, b) => a.at - b.at)
    .map(({ sentence: { who, at, text } }) => ({ who, at, text: shortened(text, SENTENCE_MAX) }))
}

const sentencesOf = (text: string): readonly string[] =>
  text
    .split(/(?<=[.!?…])\s+|(?<=[。！？])|\n+/)
    .map(sentence => sentence.replaceAll(/\s+/g, ' ').trim())
    .filter(sentence => sentence !== '')

/** In how many sentences each word is. */
function countsOf(all: readonly ReadonlySet<string>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const words of all) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

/** Words from which on a sentence says no more by being longer. */
const WORDS_ENOUGH = 16

/** Zero for what says nothing: a word or two that neither ask nor name anybody. */
function scoreOf(
  text: string,
  words: ReadonlySet<string>,
  counts: ReadonlyMap<string, number>,
  name: readonly string[],
): number {
  const rarity = [...words].reduce((sum, word) => sum + 1 / (counts.get(word) ?? 1), 0) / Math.max(1, words.size)
  const isLong = words.size > 2
  const marks = [
    isLong ? 2 * Math.min(1, words.size / WORDS_ENOUGH) + rarity : 0,
    name.length > 0 && name.every(word => words.has(word)) ? 3 : 0,
    /[?？]$/.test(text) ? 1.5 : 0,
    /https?:\/\/\S/.test(text) ? 1 : 0,
    isLong && /\d/.test(text) ? 0.5 : 0,
  ]
  return marks.reduce((sum, mark) => sum + mark, 0)
}

/** At most that many code points, with `…` where more were left out. */
export function shortened(text: string, most: number): string {
  const points = [...text]
  return points.length <= most ? text : `${points.slice(0, most).join('')}…`
}
