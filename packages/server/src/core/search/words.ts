/** A word of a text, as it is compared, and where it stands there: start and end in UTF-16 units. */
export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Scripts that put no spaces between words, and pictures: each of their signs is a word of its own. */
const UNSPACED =
  '\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}\\p{Extended_Pictographic}'
const LETTERS = '\\p{L}\\p{N}'
/** May stand in a word and are not part of it: where it may be broken, and how its letters are joined. */
const JOINERS = '\\u00ad\\u200c\\u200d'
/** With the marks that make another sound of a kana, which are signs of their own in some texts. */
const SIGN = `[[${UNSPACED}]&&[${LETTERS}\\p{M}\\p{Extended_Pictographic}]][\\u3099\\u309a\\uff9e\\uff9f]?`
const SPELT = `[[${LETTERS}]--[${UNSPACED}]][[${LETTERS}\\p{M}${JOINERS}]--[${UNSPACED}]]*`

const WORD = new RegExp(`${SIGN}|${SPELT}`, 'gv')
const ASCII_WORD = /[a-z0-9]+/gi
/** Text of plain letters goes the short way, which finds the same. */
const IS_ASCII = /^[\0-\x7f]*$/
/** Of what was taken apart: accents, and what is no part of a word. */
const ACCENTS = /[\u0300-\u036f]/g
const NO_PART = /[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}]/gu

/** Longer words are alike that begin alike; in code points. */
const WORD_MAX = 64

/** The words of a text in their order: letters and digits, in one case, without accents and in their plain form. */
export function wordsOf(text: string): Word[] {
  const found: Word[] = []
  for (const { 0: raw, index: start } of text.matchAll(IS_ASCII.test(text) ? ASCII_WORD : WORD)) {
    const word = cut(IS_ASCII.test(raw) ? raw.toLowerCase() : fold(raw))
    if (word !== '') found.push({ text: word, start, end: start + raw.length })
  }
  return found
}

/** Upper case first, so that letters which only meet there are alike: `ß` and `ss`, the two small sigmas. */
const fold = (raw: string): string =>
  raw
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFC')
    .replace(NO_PART, '')

const cut = (word: string): string => (word.length <= WORD_MAX ? word : [...word].slice(0, WORD_MAX).join(''))
