import type { Json } from '../tool.ts'
import { isObject } from './json.ts'
import type { Writing } from './operations.ts'

/** Deepest nesting that `deepObject` writes; what lies below is written as JSON. */
const DEEPEST = 4

/** Percent-encoded, so that it is nothing but a value wherever in a URL it stands. */
export const escaped = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** A value as text; what has no form of its own is JSON. */
const plain = (value: Json): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** A value with the `name=` and separators of its style, each of its parts passed through `write`. */
interface Parts {
  /** Of an array or an object that is not: its members. */
  readonly list: readonly string[]
  readonly pairs: readonly (readonly [name: string, value: string])[] | null
}

function partsOf(value: Json, write: (text: string) => string): Parts {
  if (Array.isArray(value)) return { list: value.map(item => write(plain(item))), pairs: null }
  if (!isObject(value)) return { list: [write(plain(value))], pairs: null }
  const present = Object.entries(value).filter(([, one]) => one !== null)
  const pairs = present.map(([name, one]) => [write(name), write(plain(one))] as const)
  return { list: pairs.flat(), pairs }
}

const equations = (pairs: NonNullable<Parts['pairs']>) => pairs.map(([name, value]) => `${name}=${value}`)

const SEPARATORS: Partial<Record<Writing['style'], string>> = { spaceDelimited: '%20', pipeDelimited: '%7C' }

/** The `name=value` pieces of a query or a form; none for nothing. */
export function queryPieces({ name, style, explode, isJson }: Writing, value: Json): readonly string[] {
  const own = escaped(name)
  if (value === null) return []
  if (isJson) return [`${own}=${escaped(JSON.stringify(value))}`]
  if (style === 'deepObject' && isObject(value)) return deepPieces(own, value, DEEPEST)
  const { list, pairs } = partsOf(value, escaped)
  if (list.length === 0) return []
  if (!explode) return [`${own}=${list.join(SEPARATORS[style] ?? ',')}`]
  return pairs ? equations(pairs) : list.map(item => `${own}=${item}`)
}

function deepPieces(name: string, value: Json, depth: number): readonly string[] {
  if (value === null) return []
  if (Array.isArray(value)) return value.map(item => `${name}=${escaped(plain(item))}`)
  if (!isObject(value) || depth === 0) return [`${name}=${escaped(plain(value))}`]
  return Object.entries(value).flatMap(([key, one]) => deepPieces(`${name}%5B${escaped(key)}%5D`, one, depth - 1))
}

/** A value as part of a path. */
export function pathPiece({ name, style, explode, isJson }: Writing, value: Json): string {
  const { list, pairs } = partsOf(isJson ? JSON.stringify(value) : value, escaped)
  const members = explode && pairs ? equations(pairs) : list
  switch (style) {
    case 'label':
      return `.${members.join(explode ? '.' : ',')}`
    case 'matrix':
      if (!explode) return `;${escaped(name)}=${members.join(',')}`
      return (pairs ? members : members.map(item => `${escaped(name)}=${item}`)).map(item => `;${item}`).join('')
    default:
      return members.join(',')
  }
}

/** A value as that of a header. Whether a header can have it is not looked at. */
export function headerPiece({ explode, isJson }: Writing, value: Json): string {
  const { list, pairs } = partsOf(isJson ? JSON.stringify(value) : value, text => text)
  return (explode && pairs ? equations(pairs) : list).join(',')
}
