/** What an argument of a command is, for completing it. */
export type Takes = 'room' | 'person' | 'file' | 'shared file' | 'presence' | 'text'

interface Command {
  readonly takes: readonly Takes[]
  /** How it is written, without its name. */
  readonly usage: string
  readonly says: string
}

export const COMMANDS = {
  rooms: { takes: [], usage: '', says: 'your rooms, newest activity first' },
  join: { takes: ['room'], usage: 'ROOM', says: 'go to a room; one that there is not is made' },
  leave: { takes: ['room'], usage: '[ROOM]', says: 'leave this room, or that one, for good' },
  dm: { takes: ['person', 'text'], usage: 'NAME [TEXT]', says: 'go to your direct room with somebody' },
  ask: { takes: ['text'], usage: 'TEXT', says: 'ask the assistant here' },
  cancel: { takes: [], usage: '', says: 'stop the answer being written here' },
  continue: { takes: [], usage: '', says: 'have the latest answer here go on where it broke off' },
  regenerate: { takes: [], usage: '', says: 'have the latest question here answered once more' },
  approvals: { takes: [], usage: '', says: 'what agents want to do for you' },
  approve: { takes: [], usage: '[CODE]', says: 'allow that, or the only one there is' },
  deny: { takes: [], usage: '[CODE]', says: 'do not' },
  who: { takes: [], usage: '', says: 'who of this room is there' },
  members: { takes: [], usage: '', says: 'everybody in this room' },
  unread: { takes: [], usage: '', says: 'rooms with unread messages' },
  search: { takes: ['text'], usage: '[WORDS]', says: 'messages with these words in all your rooms; alone, older ones' },
  history: { takes: [], usage: '[N]', says: 'older messages of this room, 20 of them or N' },
  upload: { takes: ['file'], usage: 'FILE', says: 'send a file to this room' },
  download: { takes: ['shared file', 'file'], usage: 'NAME [TO]', says: 'save a file that was sent here' },
  invite: { takes: [], usage: '', says: 'a token that lets somebody into this room' },
  accept: { takes: [], usage: 'TOKEN', says: 'accept an invitation' },
  presence: { takes: ['presence', 'text'], usage: 'online|away [TEXT]', says: 'how others see you' },
  help: { takes: [], usage: '', says: 'this list' },
  quit: { takes: [], usage: '', says: 'leave the program; so does Ctrl-D' },
} as const satisfies Readonly<Record<string, Command>>

export type CommandName = keyof typeof COMMANDS

export const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name)

/** What somebody typed wants. `wrong` says what is wrong with it. */
export type Action =
  | { readonly is: 'nothing' }
  | { readonly is: 'send'; readonly text: string }
  | { readonly is: 'wrong'; readonly text: string }
  | { readonly is: 'join'; readonly room: string }
  | { readonly is: 'leave'; readonly room: string | undefined }
  | { readonly is: 'dm'; readonly name: string; readonly text: string }
  | { readonly is: 'ask'; readonly text: string }
  /** Without a text: what was searched for before, further back. */
  | { readonly is: 'search'; readonly text: string | undefined }
  | { readonly is: 'approve' | 'deny'; readonly code: string | undefined }
  | { readonly is: 'history'; readonly limit: number }
  | { readonly is: 'upload'; readonly path: string }
  | { readonly is: 'download'; readonly name: string; readonly path: string | undefined }
  | { readonly is: 'accept'; readonly token: string }
  | { readonly is: 'presence'; readonly status: 'online' | 'away'; readonly text: string | undefined }
  | Simple

/** Those that say nothing but their name. */
type Simple = { [N in CommandName]: Extract<Argued, N> extends never ? { readonly is: N } : never }[CommandName]
type Argued =
  | 'join'
  | 'leave'
  | 'dm'
  | 'ask'
  | 'approve'
  | 'deny'
  | 'search'
  | 'history'
  | 'upload'
  | 'download'
  | 'accept'
  | 'presence'

const HISTORY_DEFAULT = 20
const HISTORY_MAX = 200

/** Reads what was entered. What begins with two slashes is a message that begins with one. */
export function readInput(entered: string): Action {
  const text = entered.trimEnd()
  if (text.trim() === '') return { is: 'nothing' }
  if (!text.startsWith('/') || text.startsWith('//')) return { is: 'send', text: text.replace(/^\/\//, '/') }
  const [, name = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(text) ?? []
  if (!isCommand(name)) return { is: 'wrong', text: `There is no /${name}. /help lists what there is.` }
  return readCommand(name, rest) ?? { is: 'wrong', text: `It has to be: /${name} ${COMMANDS[name].usage}`.trimEnd() }
}

function readCommand(name: CommandName, rest: string): Action | undefined {
  const [first, second] = words(rest)
  switch (name) {
    case 'join':
      return rest ? { is: name, room: rest } : undefined
    case 'leave':
      return { is: name, room: rest || undefined }
    case 'dm':
      return first ? { is: name, name: first.replace(/^@/, ''), text: second } : undefined
    case 'ask':
      return rest ? { is: name, text: rest } : undefined
    case 'search':
      return { is: name, text: rest || undefined }
    case 'approve':
    case 'deny':
      return { is: name, code: rest || undefined }
    case 'history':
      return readHistory(rest)
    case 'upload':
      return rest ? { is: name, path: rest } : undefined
    case 'download':
      return first ? { is: name, name: first, path: second || undefined } : undefined
    case 'accept':
      return rest ? { is: name, token: rest.replace(/\s+/g, '') } : undefined
    case 'presence':
      return first === 'online' || first === 'away' ? { is: name, status: first, text: second || undefined } : undefined
    default:
      return rest ? undefined : { is: name }
  }
}

function readHistory(rest: string): Action | undefined {
  const limit = rest === '' ? HISTORY_DEFAULT : Number(rest)
  return Number.isInteger(limit) && limit > 0 ? { is: 'history', limit: Math.min(limit, HISTORY_MAX) } : undefined
}

/** The first word, which quotes may keep together, and the rest. */
function words(text: string): readonly [string, string] {
  const [, quoted, bare = '', rest = ''] = /^(?:"([^"]*)"|(\S+))?\s*([\s\S]*)$/.exec(text) ?? []
  return [quoted ?? bare, rest]
}

/** The list of commands, one a line. */
export function help(): string {
  const rows = Object.entries(COMMANDS).map(([name, { usage, says }]) => [`/${name} ${usage}`.trimEnd(), says] as const)
  const column = Math.max(...rows.map(([left]) => left.length))
  return [
    ...rows.map(([left, right]) => `${left.padEnd(column)}  ${right}`),
    'Anything else is a message. Tab completes names, the up arrow brings back what you wrote, a line that ends in \\ goes on.',
  ].join('\n')
}
