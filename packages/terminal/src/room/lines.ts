import { createInterface } from 'node:readline'
import { textOf } from '../text/line.ts'
import { type App, hear, start } from './app.ts'
import { type Action, readInput } from './commands.ts'
import type { Face } from './face.ts'
import type { Happening } from './happening.ts'
import { dayOf } from './phrase.ts'

type Write = (text: string) => void

/** The room mode in lines: each line of input is done in turn, and the end of the input is the end once all of it is done. */
function lineFace(
  input: NodeJS.ReadableStream,
  read: (line: string) => Action,
  rest: Pick<Face, 'tell' | 'reads'>,
): Face {
  // Lines come in their own time, but none before somebody listens.
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY, terminal: false })
  lines.pause()
  return {
    ...rest,
    start(driver, end) {
      let isEnding = false
      lines.on('line', line => {
        if (!isEnding) void driver.act(read(line))
      })
      lines.on('close', () => {
        if (isEnding) return
        isEnding = true
        end()
      })
      lines.resume()
    },
    close() {
      lines.close()
    },
    waits: false,
  }
}

/** For screen readers and pipes: one line a message, in the order in which it happened, without colours. */
export function plain(input: NodeJS.ReadableStream, write: Write): Face {
  let app: App = start(dayOf(new Date().toISOString()))
  const tell = (happening: Happening) => {
    const { app: next, lines } = plainLines(app, happening)
    app = next
    for (const line of lines) write(`${line}\n`)
  }
  return lineFace(input, readInput, { tell, reads: true })
}

/** What plain mode prints of a happening. */
export function plainLines(app: App, happening: Happening): { readonly app: App; readonly lines: readonly string[] } {
  // An answer is one message, once it is whole.
  if (happening.type === 'run' || happening.type === 'run_text') return { app, lines: [] }
  const heard = hear(app, happening)
  const lines = heard.paper.ready.map(({ lead, text }) => oneLine(textOf(lead) + text))
  return {
    app: { ...heard, paper: { ...heard.paper, ready: [] } },
    lines: [...connectionLines(app, happening), ...lines],
  }
}

const oneLine = (text: string): string => text.trimEnd().replaceAll('\n', ' ⏎ ')

function connectionLines({ connection }: App, happening: Happening): readonly string[] {
  if (happening.type !== 'connection' || happening.state === connection?.state) return []
  if (happening.state === 'waiting') return [`No connection; trying again. ${oneLine(happening.error ?? '')}`.trimEnd()]
  return happening.state === 'live' ? ['Connected.'] : []
}

/** For programs: what they hear stays unread, for the person to whom the account belongs. */
export const json = (input: NodeJS.ReadableStream, write: Write): Face =>
  lineFace(input, readJsonLine, { tell: happening => write(`${jsonLine(happening)}\n`), reads: false })

/** ASCII controls are escaped by JSON itself; what else a terminal would act on is escaped here. */
export const jsonLine = (happening: Happening): string =>
  JSON.stringify(happening).replace(
    /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** `{"command": "/join kitchen"}`, `{"text": "hi"}`, or a message as it is. */
export function readJsonLine(line: string): Action {
  if (!line.startsWith('{')) return line.trim() === '' ? { is: 'nothing' } : { is: 'send', text: line }
  const { text, command } = fieldsOf(line)
  if (typeof text === 'string' && text.trim() !== '') return { is: 'send', text }
  if (typeof command === 'string' && command.startsWith('/')) return readInput(command)
  return { is: 'wrong', text: 'A line that begins with { is {"text": …} or {"command": "/…"}' }
}

function fieldsOf(line: string): { readonly text?: unknown; readonly command?: unknown } {
  try {
    return Object(JSON.parse(line))
  } catch {
    return {}
  }
}
