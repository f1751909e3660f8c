import { COMMANDS, isCommand, type Takes } from './commands.ts'

/** What names there are. */
export interface Names {
  readonly rooms: readonly string[]
  readonly people: readonly string[]
  readonly shared: readonly string[]
  /** Files of this machine that begin so. */
  files(beginning: string): readonly string[]
}

export interface Completed {
  readonly text: string
  readonly cursor: number
  /** What there is to choose from, where it is more than one. */
  readonly choices: readonly string[]
}

/** What Tab makes of a text: as much more as all names that fit have in common. Undefined where none fits. */
export function complete(text: string, cursor: number, names: Names): Completed | undefined {
  const before = text.slice(0, cursor)
  const { from, found, end } = candidates(before, names)
  const typed = before.slice(from).toLowerCase()
  const fitting = [...new Set(found.filter(name => name.toLowerCase().startsWith(typed)))]
  const [first] = fitting
  if (first === undefined) return undefined
  const whole = fitting.length === 1 ? first + (/[/:]$/.test(first) ? '' : end) : common(fitting)
  const next = before.slice(0, from) + whole
  return { text: next + text.slice(cursor), cursor: next.length, choices: fitting.length > 1 ? fitting : [] }
}

interface Candidates {
  /** Where the name begins. */
  readonly from: number
  readonly found: readonly string[]
  /** What follows a whole one. */
  readonly end: string
}

function candidates(before: string, names: Names): Candidates {
  const command = /^\/(\S*)$/.exec(before)
  if (command) return { from: 0, found: Object.keys(COMMANDS).map(name => `/${name}`), end: ' ' }
  const [, name = '', space = '', argument = ''] = /^\/(\S+)(\s+)([\s\S]*)$/.exec(before) ?? []
  const takes: readonly Takes[] = isCommand(name) ? COMMANDS[name].takes : []
  const place = argument.split(' ').length - 1
  const kind = takes[0] === 'room' || takes[0] === 'file' ? takes[0] : takes[place]
  if (kind && kind !== 'text') {
    const from = kind === takes[0] && place > 0 ? 0 : argument.length - (argument.split(' ').at(-1)?.length ?? 0)
    return { from: name.length + 1 + space.length + from, found: named(kind, argument.slice(from), names), end: ' ' }
  }
  const word = /\S*$/.exec(before)?.[0] ?? ''
  const isMention = word.startsWith('@')
  const isFirst = word.length === before.length
  return {
    from: before.length - word.length,
    found: word ? names.people.map(one => (isMention ? `@${one}` : one)) : [],
    end: isFirst && !isMention ? ': ' : ' ',
  }
}

function named(kind: Exclude<Takes, 'text'>, beginning: string, names: Names): readonly string[] {
  switch (kind) {
    case 'room':
      return names.rooms
    case 'person':
      return names.people
    case 'file':
      return names.files(beginning)
    case 'shared file':
      return names.shared
    case 'presence':
      return ['online', 'away']
    default:
      return kind satisfies never
  }
}

/** What all of them begin with, as the first one writes it. */
function common(names: readonly string[]): string {
  const [first = '', ...others] = names
  let length = first.length
  for (const other of others) {
    while (!other.toLowerCase().startsWith(first.slice(0, length).toLowerCase())) length--
  }
  return first.slice(0, length)
}
