import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Editor, EMPTY_EDITOR, edit, enter } from '../../src/screen/editor.ts'
import { typed } from '../../src/screen/input.ts'
import { type Key, readKeys } from '../../src/screen/keys.ts'
import { textOf } from '../../src/text/line.ts'
import { width } from '../../src/text/width.ts'
import { anyText } from '../fixture/texts.ts'

const names = (input: string) => readKeys(input).keys.map(key => ('text' in key ? `${key.is} ${key.text}` : key.is))

test('[TERM-6] text, keys and pastes are told apart; what is unknown is left out', () => {
  expect(names('hé 漢\x1b[A\x1b[1;5D\x03\x7f\t\r')).toEqual([
    ...['text hé 漢', 'up', 'word left', 'interrupt', 'backspace', 'tab', 'enter'],
  ])
  expect(names('a\x1b[24~b\x1b[?1;2cc\x00')).toEqual(['text a', 'text b', 'text c'])
  expect(names('\x1b[200~one\rtwo\x03\x1b[201~x')).toEqual(['paste one\rtwo\x03', 'text x'])
  expect(names('\x1b\rconstructor')).toEqual(['newline', 'text constructor'])
})

test('[TERM-6] the same keys come of the same input, wherever it is cut', () => {
  const part = fc.oneof(
    fc.constantFrom('\x1b[A', '\x1b[1;5C', '\x1bOB', '\x1b[200~a\nb\x1b[201~', '\x1b[24~', '\r', '\x7f', '\x1bf'),
    fc.string({ maxLength: 5 }),
  )
  const joined = (keys: readonly Key[]) => JSON.stringify(keys).replaceAll(/"\},\{"is":"text","text":"/g, '')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.nat(), (parts, at) => {
      const input = parts.join('')
      const cut = at % (input.length + 1)
      const first = readKeys(input.slice(0, cut))
      const second = readKeys(first.rest + input.slice(cut))
      const whole = readKeys(input)
      expect(joined([...first.keys, ...second.keys])).toBe(joined(whole.keys))
      expect(second.rest).toBe(whole.rest)
    }),
    { numRuns: 500 },
  )
})

const type = (input: string, from: Editor = EMPTY_EDITOR) => readKeys(input).keys.reduce(edit, from)
const shown = ({ text, cursor }: Editor) => `${text.slice(0, cursor)}|${text.slice(cursor)}`

test('[TERM-7] editing', () => {
  expect(shown(type('hello\x1b[D\x1b[D\x7f'))).toBe('he|lo')
  expect(shown(type('one two\x17'))).toBe('one |')
  expect(shown(type('one two\x1b[1;5D\x0b'))).toBe('one |')
  expect(shown(type('👩‍👩‍👧é\x7f\x7f'))).toBe('|')
  expect(shown(type('ab\x01\x1b[3~c\x05d'))).toBe('cbd|')
  expect(shown(type('one\x1b\rtwo\x1b[A'))).toBe('one|\ntwo')
  expect(shown(type('one\x1b\rtwo\x1b[A\x1b[B\x15'))).toBe('one\n|')
  expect(shown(type('\x1b[200~a\r\nb\tc\x1b[2J\x1b[201~'))).toBe('a\nb    c[2J|')
})

test('[TERM-7] what was entered comes back, and what was being typed is not lost', () => {
  const one = enter(type('one'))
  expect(one.entered).toBe('one')
  const two = enter(type('two', one.editor)).editor
  const back = type('three\x1b[A', two)
  expect(back.text).toBe('two')
  expect(type('\x1b[A\x1b[A', back).text).toBe('one')
  expect(type('\x1b[B', back).text).toBe('three')
  expect(enter(two).editor.history).toEqual(['one', 'two'])
})

test('[TERM-7] a line that ends in a backslash goes on', () => {
  const open = enter(type('one\\'))
  expect([open.entered, shown(open.editor)]).toEqual([undefined, 'one\n|'])
  expect(enter(type('two', open.editor)).entered).toBe('one\ntwo')
})

test('[TERM-7] the input fits the terminal, and the cursor is in it', () => {
  const place = fc.record({
    columns: fc.integer({ min: 9, max: 60 }),
    height: fc.integer({ min: 1, max: 6 }),
    at: fc.nat(),
  })
  fc.assert(
    fc.property(anyText, place, (raw, { columns, height, at }) => {
      const editor = type(`\x1b[200~${raw.replaceAll('\x1b', '')}\x1b[201~`)
      const { rows, cursor } = typed({ ...editor, cursor: at % (editor.text.length + 1) }, 'room> ', columns, height)
      expect(rows.length).toBeLessThanOrEqual(height)
      for (const row of rows) expect(width(textOf(row))).toBeLessThanOrEqual(columns)
      expect(cursor.column).toBeLessThanOrEqual(columns)
      expect(rows[cursor.row]).toBeDefined()
    }),
  )
})
