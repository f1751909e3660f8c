/** Control characters, and what XML can't hold. Line ends and tabs were made plain before. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\ufffe\uffff]/gu

/** The paragraphs of a text, each as its lines: neither empty, and without control characters. */
export function paragraphsOf(text: string): readonly (readonly string[])[] {
  const plain = text
    .toWellFormed()
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')
    .replace(UNPRINTABLE, '')
  const paragraphs = plain.split(/\n\s*\n/).map(paragraph => paragraph.split('\n').map(line => line.trim()))
  return paragraphs.map(lines => lines.filter(line => line !== '')).filter(lines => lines.length > 0)
}

/** A text in one line. */
export const lineOf = (text: string): string => paragraphsOf(text).flat().join(' ')
