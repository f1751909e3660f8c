import { isUuid } from './ids.ts'

/** Longest name, in Unicode code points. */
export const NAME_MAX = 50

/** Name, and name key, of the user that the assistant speaks as. Nobody else can have it. */
export const ASSISTANT = 'assistant'

// Letters of this server's own voices; registering one would let a person speak as the machine.
const VOICES = [ASSISTANT, 'ai assistant', 'system', 'anonymous', 'lobby', 'guide', 'parley']
// Where a name stands for its user in a path or a command, these stand for something else.
const OTHER_MEANINGS = ['me', 'online', '.', '..']
const RESERVED = new Set([...VOICES, ...OTHER_MEANINGS])

// Control (Cc), format (Cf: bidi marks, zero-width), unassigned and private-use characters, lone surrogates,
// line and paragraph separators, and what draws as nothing: fillers, joiners, variation selectors, the empty braille cell.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u
// Asks for the coloured form of a sign. Keyboards add it to emoji, where it is no attempt to look like another name.
const COLOURED = /(?<=\p{Extended_Pictographic})\ufe0f/gu

/** Why a text is no name. */
export type NameFault = 'empty' | 'too_long' | 'invisible' | 'edges' | 'reserved'

/** The NFC form of `text`: the form in which names are stored and shown. */
export const normalName = (text: string): string => text.normalize('NFC')

/** Two names with the same key are the same name. Compatibility and case differences fold away. */
export const nameKey = (name: string): string =>
  // Again at the end: letters such as \u0390 have a capital only in pieces.
  name.replace(COLOURED, '').normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC')

/** An e-mail address in the form it is stored in: two that differ in case only belong to one person. */
export const normalEmail = (address: string): string => address.normalize('NFC').toLowerCase()

/** What keeps a normal name from being registered; undefined when nothing does. */
export function nameFault(name: string): NameFault | undefined {
  if (name.length === 0) return 'empty'
  if ([...name].length > NAME_MAX) return 'too_long'
  if (INVISIBLE.test(name.replace(COLOURED, ''))) return 'invisible'
  if (name !== name.trim()) return 'edges'
  // A name like an id would be taken for the user who has it.
  if (RESERVED.has(nameKey(name)) || isUuid(nameKey(name))) return 'reserved'
  return undefined
}
