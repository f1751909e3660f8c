import { UNKNOWN_TYPE } from '../file-types.ts'

/** Longest name of a file and of a media type, in UTF-16 units. */
const NAME_MAX = 255

// Control characters, and those that turn the direction of what follows: `exe.gpj` must not read as `jpg.exe`.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const UNSEEN = /[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * The name that a file is kept under: without folders and without what can't be seen. Too long a one loses its middle, so that
 * its ending stays.
 */
export function fileName(said: string): string {
  const name = said.toWellFormed().replace(UNSEEN, '').split(/[/\\]/).at(-1) ?? ''
  if (name.length <= NAME_MAX) return name
  const dot = name.lastIndexOf('.')
  const ending = dot === -1 ? '' : name.slice(dot)
  // A pair of surrogates that was cut leaves no half behind.
  return name.slice(0, Math.max(0, NAME_MAX - ending.length)).replace(/[\ud800-\udbff]$/, '') + ending
}

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(;[\x20-\x7e]*)?$/

/** The media type that a client said, if it is written as one. */
export const mediaType = (said: string): string =>
  said.length <= NAME_MAX && MEDIA_TYPE.test(said) ? said : UNKNOWN_TYPE
