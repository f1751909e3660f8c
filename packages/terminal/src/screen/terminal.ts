import { StringDecoder } from 'node:string_decoder'
import type { ReadStream, WriteStream } from 'node:tty'
import { type Key, readKeys } from './keys.ts'
import { type Live, NOTHING, paint, reflowed } from './painter.ts'

/** What a program shows on the terminal: rows that stay, and rows below them that change. */
export interface Picture {
  readonly finished: readonly string[]
  readonly live: Live
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** A terminal in raw mode. */
export interface Terminal {
  /** Draws soon, once for many calls. */
  draw(): void
  /** Draws what is left, and leaves the terminal as it was found. */
  close(): void
}

export interface TerminalOptions {
  readonly input: ReadStream
  readonly output: WriteStream
  picture(size: TerminalSize): Picture
  key(key: Key): void
}

const PASTE_ON = '\x1b[?2004h'
const PASTE_OFF = '\x1b[?2004l'

export function openTerminal({ input, output, picture, key }: TerminalOptions): Terminal {
  const decoder = new StringDecoder('utf8')
  let shown: Live = NOTHING
  let rest = ''
  let isDrawing = false
  let isOpen = true

  const size = (): TerminalSize => ({
    columns: Math.max(output.columns || 80, 10),
    rows: Math.max(output.rows || 24, 4),
  })
  const paintNow = () => {
    isDrawing = false
    if (!isOpen) return
    const { finished, live } = picture(size())
    const text = paint(shown, finished, live)
    shown = live
    if (text) output.write(text)
  }
  const draw = () => {
    if (isDrawing) return
    isDrawing = true
    setImmediate(paintNow)
  }
  const hear = (chunk: Buffer) => {
    const read = readKeys(rest + decoder.write(chunk))
    rest = read.rest
    for (const one of read.keys) {
      if (one.is === 'redraw') clear()
      else key(one)
    }
    draw()
  }
  const clear = () => {
    output.write('\x1b[H\x1b[2J')
    shown = NOTHING
  }
  const resize = () => {
    shown = reflowed(shown, size().columns)
    draw()
  }

  input.setRawMode(true)
  input.on('data', hear)
  input.resume()
  output.on('resize', resize)
  output.write(PASTE_ON)
  const close = () => {
    if (!isOpen) return
    const { finished } = picture(size())
    output.write(paint(shown, finished, NOTHING) + PASTE_OFF)
    isOpen = false
    input.off('data', hear)
    output.off('resize', resize)
    process.off('exit', close)
    input.setRawMode(false)
    input.pause()
  }
  // Whatever ends the program: a terminal that stays raw is of no use to anybody.
  process.once('exit', close)
  return { draw, close }
}

/** Asks for a secret, which is not shown. Undefined when the user gives up. */
export function askSecret(
  question: string,
  input: ReadStream,
  output: NodeJS.WritableStream,
): Promise<string | undefined> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let secret = ''
  // Before the question: who is quick must not be shown either.
  input.setRawMode(true)
  output.write(question)
  input.resume()
  return new Promise(resolve => {
    const end = (answer: string | undefined) => {
      input.off('data', hear)
      input.setRawMode(false)
      input.pause()
      output.write('\n')
      resolve(answer)
    }
    const hear = (chunk: Buffer) => {
      const read = readKeys(rest + decoder.write(chunk))
      rest = read.rest
      for (const key of read.keys) {
        if (key.is === 'enter') return end(secret)
        if (key.is === 'interrupt' || key.is === 'end of input') return end(undefined)
        if (key.is === 'text' || key.is === 'paste') secret += key.text
        else if (key.is === 'backspace') secret = secret.slice(0, -1)
        else if (key.is === 'cut to start') secret = ''
      }
    }
    input.on('data', hear)
  })
}
