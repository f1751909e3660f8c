import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { span, textOf } from '../../src/text/line.ts'
import { safe } from '../../src/text/safe.ts'
import { clusterWidth, width } from '../../src/text/width.ts'
import { wrap } from '../../src/text/wrap.ts'
import { anyText } from '../fixture/texts.ts'

test('[TERM-1] nothing of others reaches the terminal that it would act on', () => {
  expect(safe('\x1b]0;title\x07\x1b[2Jred')).toBe('␛]0;title␇␛[2Jred')
  expect(safe('a\u202eb\u009b1m\x7f')).toBe('a\ufffdb\ufffd1m␡')
  expect(safe('a\tb\r\nc\u200bd\ufeff')).toBe('a    b\ncd')
  expect(safe('👩‍👩‍👧 é ❤️ नमस्ते')).toBe('👩‍👩‍👧 é ❤️ नमस्ते')
  const all = Array.from({ length: 0x110000 }, (_, code) => (code >> 11 === 0x1b ? '' : String.fromCodePoint(code)))
  expect(safe(all.join('')).match(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu)).toEqual(['\n'])
})

test('[TERM-1] a text in pieces comes out as the text in one', () => {
  fc.assert(fc.property(anyText, anyText, (a, b) => safe(a) + safe(b) === safe(a + b)))
})

test('[TERM-2] columns of wide characters, emoji and marks', () => {
  const columns = {
    abc: 3,
    漢字: 4,
    ｆｕｌｌ: 8,
    '👍🏽': 2,
    '👩‍👩‍👧': 2,
    '🇫🇷': 2,
    '❤️': 2,
    '1️⃣': 2,
    é: 1,
    한국: 4,
    '—': 1,
    '': 0,
  }
  for (const [text, expected] of Object.entries(columns)) expect([text, width(text)]).toEqual([text, expected])
})

test('[TERM-2] every character is as wide as Node’s own line editor says, which asks ICU', () => {
  const rl = createInterface({ input: new PassThrough(), output: new PassThrough(), terminal: true, prompt: '' })
  const measured = (text: string): number => {
    Object.assign(rl, { line: text, cursor: text.length })
    return rl.getCursorPos().cols
  }
  const differ: string[] = []
  for (let code = 0xa0; code < 0x40000; code++) {
    const text = String.fromCodePoint(code)
    // What is not assigned has no width yet, surrogates are half of something, and vowels of Hangul join the letter before.
    if (/[\p{Cn}\p{Cs}\p{Co}\p{Cf}\p{M}\u1160-\u11ff\ud7b0-\ud7fb]/u.test(text) || text.normalize() !== text) continue
    if (clusterWidth(text) !== measured(text)) differ.push(code.toString(16))
  }
  rl.close()
  expect(differ).toEqual([])
})

const columnsOf = fc.integer({ min: 10, max: 120 })
const lines = (text: string, columns: number) =>
  wrap({ lead: [span('12:00 ann: ')], hang: 6, text }, columns).map(({ line }) => textOf(line))

test('[TERM-3] no row is wider than the terminal, and every word is there', () => {
  fc.assert(
    fc.property(anyText, columnsOf, (raw, columns) => {
      const text = safe(raw)
      const rows = lines(text, columns)
      for (const row of rows) expect(width(row)).toBeLessThanOrEqual(columns)
      const bare = (of: string) => of.replace(/[ \n]/g, '')
      // Very narrow ones cut the lead.
      if (columns >= 13) expect(bare(rows.join(''))).toBe(bare(`12:00 ann: ${text}`))
    }),
    { numRuns: 500 },
  )
})

test('[TERM-3] what follows changes the last row alone', () => {
  fc.assert(
    fc.property(anyText, anyText, columnsOf, (a, b, columns) => {
      const [before, after] = [lines(safe(a), columns), lines(safe(a + b), columns)]
      expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1))
    }),
    { numRuns: 1_000 },
  )
})

test('[TERM-3] a row says how much of the text is used up: the rest, wrapped alone, is the rest of the rows', () => {
  fc.assert(
    fc.property(anyText, columnsOf, fc.nat(), (raw, columns, pick) => {
      const text = safe(raw)
      const rows = wrap({ lead: [], hang: 0, text }, columns)
      const at = pick % rows.length
      const rest = text.slice(rows[at]!.end)
      const expected = at === rows.length - 1 ? [''] : rows.slice(at + 1).map(({ line }) => textOf(line))
      expect(wrap({ lead: [], hang: 0, text: rest }, columns).map(({ line }) => textOf(line))).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

test('[TERM-3] words go to the next row whole, longer ones are broken, and code keeps its indent', () => {
  expect(lines('one two three', 18)).toEqual(
    ['12:00 ann: one two', '      three'].map((row, i) => (i ? row : `${row}`)),
  )
  expect(lines('x\n  indented', 40)).toEqual(['12:00 ann: x', '        indented'])
  expect(lines('a '.repeat(4) + 'b'.repeat(30), 20)).toEqual([
    '12:00 ann: a a a a',
    `      ${'b'.repeat(14)}`,
    `      ${'b'.repeat(14)}`,
    '      bb',
  ])
  expect(lines('漢字漢字漢字', 20)).toEqual(['12:00 ann: 漢字漢字', '      漢字'])
})

test('[TERM-26] hits are marked wherever the rows are broken, and only what was hit', () => {
  const word = fc.constantFrom('soup', 'x', '漢字', 'a-long-word-that-breaks', '👩‍👩‍👧')
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 4, max: 40 }), (words, columns) => {
      const text = words.join(' ')
      const hits = words.flatMap((one, i) => {
        const start = words.slice(0, i).join(' ').length + (i > 0 ? 1 : 0)
        return one === 'soup' || one === '漢字' ? [[start, start + one.length] as const] : []
      })
      const lead = [span('a: ', 'name')]
      const rows = wrap({ lead, hang: 2, text, hits }, columns)
      const plain = wrap({ lead, hang: 2, text }, columns)
      expect(rows.map(({ line, end }) => [textOf(line), end])).toEqual(
        plain.map(({ line, end }) => [textOf(line), end]),
      )
      const marked = rows.flatMap(({ line }) => line.filter(({ tone }) => tone === 'hit').map(one => one.text))
      expect(marked.join('')).toBe(hits.map(([start, end]) => text.slice(start, end)).join(''))
    }),
  )
})
