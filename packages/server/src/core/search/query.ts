import { wordsOf } from './words.ts'

/** How much of a text is looked for, in Unicode code points. Every word costs something. */
const TEXT_MAX = 200

/** Words that stand one after the other. */
export interface Phrase {
  /** At least one, as `wordsOf` writes them. */
  readonly words: readonly string[]
  /** Whether the last word may be the beginning of one. */
  readonly isOpen: boolean
}

/** What is looked for: all of the phrases, anywhere. */
export type Phrases = readonly Phrase[]

/** A single letter begins too much to be looked for. */
const OPEN_MIN = 2

/** Something in quotes, of which the last may be missing, or without spaces. */
const PART = /"([^"]*)("?)|[^\s"]+/g

/** What somebody typed, without meaning of its own but for quotes. Nothing for a text without a word in it. */
export function phrasesOf(text: string): Phrases {
  const asked = text.length <= TEXT_MAX ? text : [...text.slice(0, 2 * TEXT_MAX)].slice(0, TEXT_MAX).join('')
  const parts = [...asked.matchAll(PART)].flatMap(([raw, quoted, end]) => {
    const words = wordsOf(quoted ?? raw).map(word => word.text)
    return words.length === 0 ? [] : [{ words, isOpen: end !== '"' }]
  })
  const all = parts.map((part, i) => ({ ...part, isOpen: part.isOpen && i === parts.length - 1 && isLong(part.words) }))
  return [...new Map(all.map(phrase => [`${phrase.isOpen} ${phrase.words.join(' ')}`, phrase])).values()]
}

const isLong = (words: readonly string[]): boolean => [...(words.at(-1) ?? '')].length >= OPEN_MIN

/** Start and end in a text, in UTF-16 units. */
export type Hit = readonly [start: number, end: number]

/** Where a text has what is looked for, in order and apart from each other; undefined where it does not have all of it. */
export function hitsIn(text: string, phrases: Phrases): readonly Hit[] | undefined {
  const words = wordsOf(text)
  const all: Hit[] = []
  for (const phrase of phrases) {
    const before = all.length
    for (let at = 0; at + phrase.words.length <= words.length; at++) {
      const [first, last] = [words[at], words[at + phrase.words.length - 1]]
      if (first && last && isAt(phrase, at, i => words[i]?.text ?? '')) all.push([first.start, last.end])
    }
    if (all.length === before) return undefined
  }
  return apart(all)
}

function isAt({ words, isOpen }: Phrase, at: number, word: (index: number) => string): boolean {
  const last = words.length - 1
  return words.every((wanted, i) => (isOpen && i === last ? word(at + i).startsWith(wanted) : word(at + i) === wanted))
}

/** Hits that touch or overlap as one. */
function apart(hits: readonly Hit[]): readonly Hit[] {
  const merged: [number, number][] = []
  for (const [start, end] of hits.toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}
