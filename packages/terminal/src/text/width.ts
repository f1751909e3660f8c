const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Printable ASCII: one column each, and no two of them are one. */
const PLAIN = /^[ -~]*$/

/** What a reader sees as one character, in order. */
export function clusters(text: string): readonly string[] {
  return PLAIN.test(text) ? [...text] : Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** Columns that a terminal takes for a text without control characters. */
export function width(text: string): number {
  return PLAIN.test(text) ? text.length : clusters(text).reduce((sum, one) => sum + clusterWidth(one), 0)
}

const EMOJI = /^(\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]$/u

/** Columns of one cluster: 0, 1 or 2. */
export function clusterWidth(cluster: string): number {
  if (PLAIN.test(cluster)) return cluster.length
  if (EMOJI.test(cluster)) return 2
  let sum = 0
  for (const character of cluster) sum += NOTHING.test(character) ? 0 : isWide(character.codePointAt(0) ?? 0) ? 2 : 1
  return Math.min(sum, 2)
}

/** Whether a line may be broken before and after it. Its first character says so, whatever comes behind. */
export const isIdeograph = (cluster: string): boolean =>
  isWide(cluster.codePointAt(0) ?? 0) || /^\p{Emoji_Presentation}/u.test(cluster)

/** What Unicode 17 calls wide or fullwidth (EastAsianWidth.txt), emoji aside; first and last of each stretch. */
const WIDE = [
  ...[0x1100, 0x115f, 0x2329, 0x232a, 0x2630, 0x2637, 0x268a, 0x268f, 0x2e80, 0x303e, 0x3041, 0x3247, 0x3250, 0xa4cf],
  ...[0xa960, 0xa97c, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6b, 0xff01, 0xff60, 0xffe0, 0xffe6],
  ...[0x16fe0, 0x18df2, 0x1aff0, 0x1b2fb, 0x1d300, 0x1d376, 0x1f200, 0x1f265, 0x20000, 0x3fffd],
]

function isWide(code: number): boolean {
  if (code < 0x1100) return false
  for (let at = 0; at < WIDE.length; at += 2) {
    if (code <= (WIDE[at + 1] ?? 0)) return code >= (WIDE[at] ?? 0)
  }
  return false
}
