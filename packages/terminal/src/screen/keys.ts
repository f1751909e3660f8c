/** What somebody did on the keyboard. */
export type Key =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'paste'; readonly text: string }
  | { readonly is: KeyName }

export type KeyName = (typeof CONTROLS)[keyof typeof CONTROLS] | (typeof SEQUENCES)[keyof typeof SEQUENCES]

const CONTROLS = {
  '\x01': 'home',
  '\x02': 'left',
  '\x03': 'interrupt',
  '\x04': 'end of input',
  '\x05': 'end',
  '\x06': 'right',
  '\b': 'backspace',
  '\t': 'tab',
  '\n': 'enter',
  '\x0b': 'cut to end',
  '\x0c': 'redraw',
  '\r': 'enter',
  '\x0e': 'down',
  '\x10': 'up',
  '\x15': 'cut to start',
  '\x17': 'cut word',
  '\x7f': 'backspace',
} as const

/** After ESC. */
const SEQUENCES = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[C': 'right',
  OC: 'right',
  '[D': 'left',
  OD: 'left',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[7~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[8~': 'end',
  '[3~': 'delete',
  '[1;5C': 'word right',
  '[1;3C': 'word right',
  f: 'word right',
  '[1;5D': 'word left',
  '[1;3D': 'word left',
  b: 'word left',
  '\x7f': 'cut word',
  '\r': 'newline',
  '\n': 'newline',
} as const

const PASTE_START = '\x1b[200~'
const PASTE_END = '\x1b[201~'
const ESC = '\x1b'
/** A whole sequence after ESC: CSI with its parameters, SS3, or one character. */
const SEQUENCE = /^(\[[0-?]*[ -/]*[@-~]|O[@-~]|[^[O])/u
/** The beginning of one, or of a paste that has not ended. */
const OPEN = /^(\[[0-?]*[ -/]*|O)?$/

export interface Keys {
  readonly keys: readonly Key[]
  /** What is not whole yet, to be put before what comes next. */
  readonly rest: string
}

/** Reads what a terminal in raw mode sent. Unknown sequences are left out. */
export function readKeys(input: string): Keys {
  const keys: Key[] = []
  let rest = input
  while (rest !== '') {
    if (rest.startsWith(PASTE_START)) {
      const end = rest.indexOf(PASTE_END)
      if (end < 0) break
      keys.push({ is: 'paste', text: rest.slice(PASTE_START.length, end) })
      rest = rest.slice(end + PASTE_END.length)
      continue
    }
    if (rest.startsWith(ESC) && OPEN.test(rest.slice(1))) break
    const [key, length] = readOne(rest)
    if (key) keys.push(key)
    rest = rest.slice(length)
  }
  return { keys, rest }
}

function readOne(input: string): [key: Key | undefined, length: number] {
  const [sequence] = input.startsWith(ESC) ? (SEQUENCE.exec(input.slice(1)) ?? []) : []
  if (sequence !== undefined) return [named(SEQUENCES, sequence), sequence.length + 1]
  const control = named(CONTROLS, input.charAt(0))
  if (control) return [control, 1]
  const [text] = /^\P{Cc}+/u.exec(input) ?? []
  return text ? [{ is: 'text', text }, text.length] : [undefined, 1]
}

function named(table: Readonly<Record<string, KeyName>>, code: string): Key | undefined {
  const is = Object.hasOwn(table, code) ? table[code] : undefined
  return is && { is }
}
