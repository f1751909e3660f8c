/** What somebody typed wants of the assistant. */
export type Action =
  | { readonly is: 'nothing' }
  | { readonly is: 'chat'; readonly text: string }
  | { readonly is: (typeof COMMANDS)[number] }

export const COMMANDS = ['history', 'clear', 'ping', 'logout', 'help', 'quit'] as const

export const HELP = `/history  what was said so far
/clear    forget it
/ping     is the server there?
/logout   forget who you are, and what was said
/quit     leave the program; so does Ctrl-D
Anything else is for the assistant, other commands too: /approve CODE, /deny CODE, /continue, /regenerate, and\nwithout a language model /search, /summary, /tools and /use. A line that ends in \\ goes on.`

export function readInput(entered: string): Action {
  const text = entered.trim()
  if (text === '') return { is: 'nothing' }
  const is = COMMANDS.find(one => `/${one}` === text.toLowerCase())
  return is ? { is } : { is: 'chat', text }
}
