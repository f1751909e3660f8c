import type { Json } from '../tool.ts'

const HIDDEN = '[hidden]'

// Controls but for tab and line break, direction marks, and letters that nobody sees but a model reads.
const UNSEEN = /[^\P{Cc}\t\n]|\p{Cf}|\p{Cs}|\p{Co}/gu

/** Takes secrets out of texts. */
export type Hide = (text: string) => string

/** Hides every occurrence of `secrets`, the longest first. */
export function hiding(secrets: readonly string[]): Hide {
  const longest = [...new Set(secrets)].toSorted((a, b) => b.length - a.length)
  return text => longest.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text)
}

/** A stranger's text of at most `max` UTF-16 units, with nothing in it that a reader would not see. */
export function plainly(text: string, max: number): string {
  const seen = text
    .slice(0, 2 * max)
    .replaceAll(UNSEEN, '')
    .trim()
  return seen.length <= max ? seen : `${seen.slice(0, max - 1).toWellFormed()}…`
}

/** `json` with `change` done to every text in it, names too. */
export function everyText(json: Json, change: (text: string) => string): Json {
  if (typeof json === 'string') return change(json)
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map((item: Json) => everyText(item, change))
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [change(name), everyText(value, change)]))
}
