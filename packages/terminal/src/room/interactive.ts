import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ReadStream, WriteStream } from 'node:tty'
import { edit, enter } from '../screen/editor.ts'
import type { Key } from '../screen/keys.ts'
import { openTerminal, type TerminalSize } from '../screen/terminal.ts'
import { type App, completed, hear, start } from './app.ts'
import { readInput } from './commands.ts'
import type { Driver } from './driver.ts'
import type { Face } from './face.ts'
import { frame } from './frame.ts'
import type { Happening } from './happening.ts'
import { dayOf } from './phrase.ts'

export interface InteractiveOptions {
  readonly input: ReadStream
  readonly output: WriteStream
  readonly isColoured: boolean
}

const AGAIN = 'Ctrl-C again quits'

/** The room mode for people: what is typed stays apart from what comes in. */
export function interactive({ input, output, isColoured }: InteractiveOptions): Face {
  let app: App = start(dayOf(new Date().toISOString()))
  let driver: Driver | undefined
  let quit = () => {}

  const picture = (size: TerminalSize) => {
    const { finished, live, app: next } = frame(app, { ...size, isColoured })
    app = next
    return { finished, live }
  }
  const press = (key: Key) => {
    const isSecond = app.hint === AGAIN
    app = { ...app, hint: '' }
    switch (key.is) {
      case 'interrupt':
        return interrupt(isSecond)
      case 'end of input':
        return app.editor.text === '' ? quit() : change({ is: 'delete' })
      case 'enter':
        return submit()
      case 'tab':
        app = completed(app, { files })
        return
      default:
        return change(key)
    }
  }
  const interrupt = (isSecond: boolean) => {
    if (driver?.stopTransfers()) return
    if (isSecond) return quit()
    app = { ...app, hint: AGAIN, editor: { ...app.editor, text: '', cursor: 0 } }
  }
  const submit = () => {
    const { editor, entered } = enter(app.editor)
    app = { ...app, editor }
    if (entered !== undefined) void driver?.act(readInput(entered))
  }
  const change = (key: Key) => {
    const before = app.editor.text
    app = { ...app, editor: edit(app.editor, key) }
    const { text } = app.editor
    if (text === before || text.startsWith('/')) return
    if (text === '') driver?.typing(false)
    else if (key.is === 'text' || key.is === 'paste') driver?.typing(true)
  }

  const terminal = openTerminal({ input, output, picture, key: press })
  terminal.draw()
  return {
    tell(happening: Happening) {
      app = hear(app, happening)
      terminal.draw()
    },
    start(started, end) {
      driver = started
      quit = end
    },
    close: () => terminal.close(),
    reads: true,
    waits: true,
  }
}

/** Files whose path begins so. */
function files(beginning: string): readonly string[] {
  const folder = beginning.endsWith('/') ? beginning : dirname(beginning || 'x')
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !/\p{Cc}/u.test(name))
      .map(entry => {
        const path = folder === '.' && !beginning.startsWith('.') ? entry.name : join(folder, entry.name)
        return entry.isDirectory() ? `${path}/` : path
      })
  } catch {
    return []
  }
}
