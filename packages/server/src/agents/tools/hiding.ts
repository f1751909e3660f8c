import type { Json } from './tool.ts'

const HIDDEN = '[hidden]'

/** Takes secrets out of texts. */
export type Hide = (text: string) => string

/** Hides every occurrence of `secrets`, the longest first, also as JSON writes them. */
export function hiding(secrets: readonly string[]): Hide {
  const written = secrets.flatMap(secret => [secret, JSON.stringify(secret).slice(1, -1)])
  const longest = [...new Set(written)].toSorted((a, b) => b.length - a.length)
  return text => longest.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text)
}

/** `json` with `change` done to every text in it, names too. */
export function everyText(json: Json, change: (text: string) => string): Json {
  if (typeof json === 'string') return change(json)
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map((item: Json) => everyText(item, change))
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [change(name), everyText(value, change)]))
}
