import { clusters } from '../text/width.ts'
import type { Key } from './keys.ts'

/** What is being typed. A value: every function here answers another one. */
export interface Editor {
  readonly text: string
  /** Where the next character goes, in UTF-16 units. */
  readonly cursor: number
  /** What was entered, oldest first. */
  readonly history: readonly string[]
  /** Which of it is shown; its length while something new is typed. */
  readonly at: number
  /** What was typed before looking back. */
  readonly draft: string
}

export const EMPTY_EDITOR: Editor = { text: '', cursor: 0, history: [], at: 0, draft: '' }

const HISTORY_MAX = 500

/** The editor after a key; keys that are none of its business change nothing. */
export function edit(editor: Editor, key: Key): Editor {
  const { text, cursor } = editor
  switch (key.is) {
    case 'text':
      return insert(editor, key.text)
    case 'paste':
      return insert(editor, pasted(key.text))
    case 'newline':
      return insert(editor, '\n')
    case 'backspace':
      return erase(editor, before(text, cursor), cursor)
    case 'delete':
      return erase(editor, cursor, after(text, cursor))
    case 'cut word':
      return erase(editor, wordBefore(text, cursor), cursor)
    case 'cut to start':
      return erase(editor, lineStart(text, cursor), cursor)
    case 'cut to end':
      return erase(editor, cursor, lineEnd(text, cursor))
    case 'up':
    case 'down':
      return vertical(editor, key.is)
    default:
      return { ...editor, cursor: moved(editor, key) }
  }
}

function moved({ text, cursor }: Editor, key: Key): number {
  switch (key.is) {
    case 'left':
      return before(text, cursor)
    case 'right':
      return after(text, cursor)
    case 'word left':
      return wordBefore(text, cursor)
    case 'word right':
      return cursor + (/^[^\p{L}\p{N}]*[\p{L}\p{N}]*/u.exec(text.slice(cursor))?.[0].length ?? 0)
    case 'home':
      return lineStart(text, cursor)
    case 'end':
      return lineEnd(text, cursor)
    default:
      return cursor
  }
}

/** Puts a text where the cursor is. */
export const insert = (editor: Editor, text: string): Editor => ({
  ...editor,
  text: editor.text.slice(0, editor.cursor) + text + editor.text.slice(editor.cursor),
  cursor: editor.cursor + text.length,
})

const erase = (editor: Editor, from: number, to: number): Editor => ({
  ...editor,
  text: editor.text.slice(0, from) + editor.text.slice(to),
  cursor: from,
})

/** What Enter does: a line that ends in `\` goes on in the next one, anything else is entered. */
export function enter(editor: Editor): { readonly editor: Editor; readonly entered: string | undefined } {
  const { text, history } = editor
  if (text.endsWith('\\')) {
    const open = `${text.slice(0, -1)}\n`
    return { editor: { ...editor, text: open, cursor: open.length }, entered: undefined }
  }
  const kept = text.trim() === '' || history.at(-1) === text ? history : [...history.slice(1 - HISTORY_MAX), text]
  return { editor: { ...EMPTY_EDITOR, history: kept, at: kept.length }, entered: text }
}

/** A paste is text: its line ends are ours, and nothing in it is a key. */
const pasted = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(/\p{Cc}/gu, one => (one === '\n' ? one : one === '\t' ? '    ' : ''))

const before = (text: string, cursor: number): number => cursor - (clusters(text.slice(0, cursor)).at(-1)?.length ?? 0)
const after = (text: string, cursor: number): number => cursor + (clusters(text.slice(cursor))[0]?.length ?? 0)
const lineStart = (text: string, cursor: number): number => text.lastIndexOf('\n', cursor - 1) + 1
const wordBefore = (text: string, cursor: number): number =>
  cursor - (/[\p{L}\p{N}\p{M}]*[^\p{L}\p{N}]*$/u.exec(text.slice(0, cursor))?.[0].length ?? 0)

function lineEnd(text: string, cursor: number): number {
  const end = text.indexOf('\n', cursor)
  return end < 0 ? text.length : end
}

/** Between the lines of what is typed, and from its first and last one through what was entered. */
function vertical(editor: Editor, key: 'up' | 'down'): Editor {
  const { text, cursor } = editor
  const start = lineStart(text, cursor)
  const end = lineEnd(text, cursor)
  if (key === 'up' && start > 0) {
    const above = lineStart(text, start - 1)
    return { ...editor, cursor: Math.min(above + cursor - start, start - 1) }
  }
  if (key === 'down' && end < text.length)
    return { ...editor, cursor: Math.min(end + 1 + cursor - start, lineEnd(text, end + 1)) }
  return recall(editor, editor.at + (key === 'up' ? -1 : 1))
}

function recall(editor: Editor, at: number): Editor {
  const { history, text } = editor
  if (at < 0 || at > history.length) return editor
  const draft = editor.at === history.length ? text : editor.draft
  const shown = history[at] ?? draft
  return { ...editor, draft, at, text: shown, cursor: shown.length }
}
