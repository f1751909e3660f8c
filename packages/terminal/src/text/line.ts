import { stripVTControlCharacters } from 'node:util'

/** What a text is to its reader. */
export type Tone = 'plain' | 'dim' | 'name' | 'own' | 'mention' | 'error' | 'hit'

export interface Span {
  /** Without control characters, `\n` aside. */
  readonly text: string
  readonly tone: Tone
}

export type Line = readonly Span[]

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone })
export const textOf = (line: Line): string => line.map(({ text }) => text).join('')

const SGR: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '2',
  name: '36',
  own: '32',
  mention: '1;33',
  error: '31',
  hit: '1',
}

/** A line as the terminal gets it. */
export function printed(line: Line, isColoured: boolean): string {
  if (!isColoured) return textOf(line)
  return line.map(({ text, tone }) => (SGR[tone] && text ? `\x1b[${SGR[tone]}m${text}\x1b[0m` : text)).join('')
}

/** A printed line without its colours. */
export const unprinted = (text: string): string => stripVTControlCharacters(text)
