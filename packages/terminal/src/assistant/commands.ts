/** What somebody typed wants of the assistant. */
export type Action =
  | { readonly is: 'nothing' }
  | { readonly is: 'chat'; readonly text: string }
  | { readonly is: 'unknown'; readonly name: string }
  | { readonly is: (typeof COMMANDS)[number] }

export const COMMANDS = ['history', 'clear', 'ping', 'logout', 'help', 'quit'] as const

export const HELP = `/history  what was said so far
/clear    forget it
/ping     is the server there?
/logout   forget who you are, and what was said
/quit     leave the program; so does Ctrl-D
Anything else is for the assistant, /approve CODE and /deny CODE too. A line that ends in \\ goes on.`

export function readInput(entered: string): Action {
  const text = entered.trim()
  if (text === '') return { is: 'nothing' }
  if (!text.startsWith('/') || /^\/(approve|deny)\s/i.test(text)) return { is: 'chat', text }
  const name = text.slice(1).toLowerCase()
  const is = COMMANDS.find(one => one === name)
  return is ? { is } : { is: 'unknown', name: text }
}
