import type { Json } from '../tools/tool.ts'

/** Longest part of a request that is said back, in code points. */
const REQUEST_MAX = 300
const SUBJECT_MAX = 60

/**
 * Fills the texts of a script: `{request}` is what was asked, `{subject}` what it is about. A text with lines `word, word: text`
 * behind `choose:` is the first of these of which the request holds a word; `else: text` is the one for all others. The same
 * request always makes the same text.
 */
export function fill(template: string, request: string): string {
  const chosen = template.startsWith('choose:') ? choose(template, request) : template
  return chosen.replaceAll('{request}', cut(request, REQUEST_MAX)).replaceAll('{subject}', subjectOf(request))
}

/** The same for all texts in a value. */
export function fillAll(value: Json, request: string): Json {
  if (typeof value === 'string') return fill(value, request)
  if (Array.isArray(value)) return value.map(one => fillAll(one, request))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillAll(one, request)]))
}

/** Whether the request has one of the words, in any number: `dragon` is in `dragons`. */
export const holds = (request: string, words: readonly string[]): boolean => {
  const said = request.toLowerCase()
  return words.some(word => new RegExp(`(?<![\\p{L}\\p{N}])${literal(word)}`, 'u').test(said))
}

const literal = (word: string): string => word.replaceAll(/[^\p{L}\p{N} ]/gu, '\\$&')

function choose(template: string, request: string): string {
  for (const line of template.split('\n').slice(1)) {
    const at = line.indexOf(':')
    const words = line
      .slice(0, at)
      .split(',')
      .map(word => word.trim().toLowerCase())
    if (at > 0 && (words[0] === 'else' || holds(request, words))) return line.slice(at + 1).trim()
  }
  return ''
}

/** What a request is about: what stands behind `about`, `with` or `of`, else all of it. */
function subjectOf(request: string): string {
  const plain = request.trim().replace(/[.!?]+$/, '')
  const [, behind] = /\b(?:about|with|of|for)\s+(.+)$/is.exec(plain) ?? []
  return cut((behind ?? plain).trim(), SUBJECT_MAX)
}

function cut(text: string, max: number): string {
  const points = [...text.trim()]
  return points.length <= max ? points.join('') : `${points.slice(0, max).join('')}…`
}
