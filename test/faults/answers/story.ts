import { seeded } from '../random.ts'

const WORDS = [
  'soup',
  'is',
  'a',
  'leek',
  'with',
  'water,',
  'and',
  'salt;',
  'grüße',
  '漢字',
  'naïve',
  '🍲',
  '👩‍🍳',
  '“so”',
  'then\n',
  '0.5',
  '#',
]

/** What a model tells, or the guide says back: the same for the same seed, in pieces as a model gives them. */
export function storyOf(seed: number, words: number): readonly string[] {
  const random = seeded(seed)
  return Array.from({ length: words }, (_, at) => `${at === 0 ? 'Once' : random.pick(WORDS)} `)
}
