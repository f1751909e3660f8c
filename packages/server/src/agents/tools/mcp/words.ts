// Controls but for tab and line break, direction marks, and letters that nobody sees but a model reads.
const UNSEEN = /[^\P{Cc}\t\n]|\p{Cf}|\p{Cs}|\p{Co}/gu

/** A stranger's text of at most `max` UTF-16 units, with nothing in it that a reader would not see. */
export function plainly(text: string, max: number): string {
  const seen = text
    .slice(0, 2 * max)
    .replaceAll(UNSEEN, '')
    .trim()
  return seen.length <= max ? seen : `${seen.slice(0, max - 1).toWellFormed()}…`
}
