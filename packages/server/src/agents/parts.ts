/** Words of one step. */
const WORDS = 4

/** Groups of words with the space behind them: together they are the text. */
export function partsOf(text: string): readonly string[] {
  const words = text.match(/\S*\s*/g)?.filter(word => word !== '') ?? []
  return words.flatMap((_, at) => (at % WORDS === 0 ? [words.slice(at, at + WORDS).join('')] : []))
}
