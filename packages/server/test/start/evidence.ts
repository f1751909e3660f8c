import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Something that must not be found, by what it is. */
export type Marked = Readonly<Record<string, string>>

/** The forms in which a text could be hidden in plain sight. */
function formsOf(text: string): readonly string[] {
  const base64 = [0, 1, 2].map(offset => {
    // Inside of a longer text it may begin anywhere; what its neighbours have a part in is left out.
    const whole = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
      .toString('base64')
      .replaceAll('=', '')
    return whole.slice(offset === 0 ? 0 : offset + 1, -1)
  })
  const hex = Buffer.from(text).toString('hex')
  const escaped = JSON.stringify(text).slice(1, -1)
  return [...new Set([text, escaped, JSON.stringify(escaped).slice(1, -1), encodeURIComponent(text), hex, ...base64])]
}

/** Which of `marked` are somewhere in `text`. */
export const foundIn = (text: string, marked: Marked): readonly string[] =>
  Object.entries(marked).flatMap(([name, value]) => (formsOf(value).some(form => text.includes(form)) ? [name] : []))

/** Every byte of every file below a folder, but for those left out by name. */
export const bytesBelow = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
