import type { JsonObject } from './tool.ts'

/** Longest arguments that somebody is asked to approve, in UTF-16 units as they are shown. Nobody approves what they can't read. */
const APPROVED_MAX = 6_000

/** Whether arguments are short enough to be read before they are approved. */
export const mayBeApproved = (args: JsonObject): boolean => shownArguments(args).length <= APPROVED_MAX

// Letters that are not seen, or that turn others around, would let arguments look like something else.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** Arguments as people read them: JSON with one argument a line, in which every letter is what it looks like. */
export function shownArguments(args: JsonObject): string {
  const lines = Object.entries(args).map(([name, value]) => `  ${jsonOf(name)}: ${jsonOf(value)}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n}`
}

/** A text with `\ufffd` for each letter that is not seen, or that turns others around. */
export const seen = (text: string): string => text.replaceAll(UNSEEN, '\ufffd')

const jsonOf = (value: unknown): string => JSON.stringify(value).replaceAll(UNSEEN, escapeOf)

const escapeOf = (letter: string): string =>
  [...Array(letter.length).keys()].map(at => `\\u${letter.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
