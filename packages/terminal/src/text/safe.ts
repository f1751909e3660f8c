/** What a terminal would act on, or would show as nothing or in another order. */
const UNSAFE = /[\p{Cc}\xad\u061c\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/**
 * Text of somebody else as a terminal may have it: no character of it moves the cursor, changes a colour, a title or the order of
 * what is shown. Line feeds stay. What becomes of a character depends on no other, so that a text may come in pieces.
 */
export const safe = (text: string): string => text.replace(UNSAFE, visible)

/** The same on one line. */
export const safeLine = (text: string): string => safe(text).replaceAll('\n', ' ')

const TAB = '    '

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (character === '\n') return character
  if (character === '\t') return TAB
  if (character === '\r') return ''
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '␡'
  // What orders or controls is shown to be there, what is only invisible is left out.
  const controls = code < 0xa0 || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
  return controls ? '\ufffd' : ''
}
