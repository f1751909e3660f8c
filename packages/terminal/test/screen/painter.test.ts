import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Live, NOTHING, paint, reflowed } from '../../src/screen/painter.ts'
import { Screen } from '../fixture/screen.ts'

const COLUMNS = 20
const HEIGHT = 8
const row = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '漢', '👍'), maxLength: 9 }).map(text => text.trimEnd())
const picture = fc
  .record({
    finished: fc.array(row, { maxLength: 4 }),
    rows: fc.array(row, { minLength: 1, maxLength: HEIGHT - 1 }),
    at: fc.nat(),
    column: fc.nat({ max: COLUMNS - 1 }),
  })
  .map(({ finished, rows, at, column }) => ({ finished, live: { rows, cursor: { row: at % rows.length, column } } }))

test('[TERM-4] whatever came before: the finished rows are there once and in order, and below them what is live, with the cursor', () => {
  fc.assert(
    fc.property(fc.array(picture, { minLength: 1, maxLength: 12 }), pictures => {
      const screen = new Screen(COLUMNS, HEIGHT)
      const printed: string[] = []
      let before: Live = NOTHING
      for (const { finished, live } of pictures) {
        screen.write(paint(before, finished, live))
        printed.push(...finished)
        before = live
        expect(screen.text).toBe([...printed, ...live.rows].join('\n').trimEnd())
        expect(screen.cursor).toEqual({ row: printed.length + live.cursor.row, column: live.cursor.column })
      }
    }),
    { numRuns: 500 },
  )
})

test('[TERM-4] what stays as it is is not written again', () => {
  const live = (last: string): Live => ({ rows: ['status', last], cursor: { row: 1, column: last.length } })
  expect(paint(live('> a'), [], live('> a'))).toBe('')
  expect(paint(live('> a'), [], live('> ab'))).toBe('\r\x1b[2K> ab\r\x1b[4C')
  expect(paint(live('> a'), ['done'], live('> a'))).not.toContain('\x1b[J')
})

test('[TERM-5] on a narrower terminal, which breaks rows, the next picture begins where the last one did', () => {
  const before: Live = { rows: ['a'.repeat(19), 'bb'], cursor: { row: 1, column: 2 } }
  const { rows, cursor } = reflowed(before, 10)
  expect({ rows: rows.length, cursor }).toEqual({ rows: 3, cursor: { row: 2, column: 2 } })
  const screen = new Screen(10, HEIGHT)
  screen.write(`kept\r\n${'a'.repeat(10)}\r\n${'a'.repeat(9)}\r\nbb`)
  screen.write(paint(reflowed(before, 10), [], { rows: ['new'], cursor: { row: 0, column: 3 } }))
  expect(screen.text).toBe('kept\nnew')
})
