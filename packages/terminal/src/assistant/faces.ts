import { createInterface } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { EMPTY_EDITOR, edit, enter } from '../screen/editor.ts'
import { typed } from '../screen/input.ts'
import type { Key } from '../screen/keys.ts'
import { add, BLANK, print } from '../screen/paper.ts'
import { openTerminal, type TerminalSize } from '../screen/terminal.ts'
import { type Line, printed, span, textOf } from '../text/line.ts'
import { safeLine } from '../text/safe.ts'
import { cut } from '../text/wrap.ts'
import { type Action, readInput } from './commands.ts'
import type { Face } from './conversation.ts'
import { you } from './phrase.ts'

/** For pipes and screen readers: what is said, without colours, and one question a line. */
export function plain(input: NodeJS.ReadableStream, write: (text: string) => void): Face {
  const lines = createInterface({ input, terminal: false })
  lines.pause()
  return {
    say(...paragraphs) {
      for (const { lead, text } of paragraphs) write(`${textOf(lead)}${text}\n`)
    },
    busy() {},
    start(act, end) {
      let isOver = false
      lines.on('line', line => act(readInput(line)))
      lines.on('close', () => {
        if (!isOver) end()
        isOver = true
      })
      lines.resume()
    },
    close() {
      lines.removeAllListeners()
      lines.close()
    },
  }
}

const PROMPT = 'You: '
const AGAIN = 'Ctrl-C again quits'

/** For people on a terminal. */
export function interactive(input: ReadStream, output: WriteStream, isColoured: boolean): Face {
  let paper = BLANK
  let editor = EMPTY_EDITOR
  let busy = ''
  let hint = ''
  let act: (action: Action) => void = () => {}
  let end = () => {}

  const picture = ({ columns, rows }: TerminalSize) => {
    const done = print(paper, columns - 1)
    paper = done.paper
    const field = typed(editor, PROMPT, columns - 1, Math.max(Math.floor(rows / 2), 1))
    const above: readonly Line[] = [busy, hint]
      .filter(text => text !== '')
      .map(text => cut([span(safeLine(text), 'dim')], columns - 1))
      .slice(0, Math.max(rows - 1 - field.rows.length, 0))
    return {
      finished: done.rows.map(line => printed(line, isColoured)),
      live: {
        rows: [...above, ...field.rows].map(line => printed(line, isColoured)),
        cursor: { row: above.length + field.cursor.row, column: field.cursor.column },
      },
    }
  }
  const interrupt = () => {
    if (hint === AGAIN) return end()
    hint = AGAIN
    editor = { ...editor, text: '', cursor: 0 }
  }
  const submit = () => {
    const done = enter(editor)
    editor = done.editor
    if (done.entered === undefined || done.entered.trim() === '') return
    paper = add(paper, you(done.entered))
    act(readInput(done.entered))
  }
  const press = (key: Key) => {
    if (key.is === 'interrupt') return interrupt()
    hint = ''
    if (key.is === 'end of input' && editor.text === '') return end()
    if (key.is === 'enter') return submit()
    editor = edit(editor, key)
  }
  const terminal = openTerminal({ input, output, picture, key: press })
  terminal.draw()
  return {
    say(...paragraphs) {
      paper = add(paper, ...paragraphs)
      terminal.draw()
    },
    busy(text) {
      busy = text
      terminal.draw()
    },
    start(started, quit) {
      act = started
      end = quit
    },
    close: () => terminal.close(),
  }
}
