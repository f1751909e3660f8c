import { unprinted } from '../text/line.ts'
import { width } from '../text/width.ts'

/** What is at the bottom of the screen and may still change; at least one row. */
export interface Live {
  readonly rows: readonly string[]
  readonly cursor: { readonly row: number; readonly column: number }
}

/** An empty row: where a program finds the cursor, and where it leaves it. */
export const NOTHING: Live = { rows: [''], cursor: { row: 0, column: 0 } }

const UP = (rows: number) => (rows > 0 ? `\x1b[${rows}A` : '')
const ERASE_LINE = '\x1b[2K'
const ERASE_BELOW = '\x1b[J'

/**
 * What to write so that `finished` joins what scrolls away, for good, and `live` stands below it instead of `before`. A row that
 * stays as it is is not written again, so nothing flickers. No row may be wider than the screen is minus one.
 */
export function paint(before: Live, finished: readonly string[], live: Live): string {
  if (finished.length === 0) return repaint(before, live)
  const top = `\r${UP(before.cursor.row)}`
  const rows = [...finished, ...live.rows]
  const text = rows.map(row => `${ERASE_LINE}${row}`).join('\r\n')
  return `${top}${text}${rows.length < before.rows.length ? ERASE_BELOW : ''}${place(live, live.rows.length - 1)}`
}

function repaint(before: Live, live: Live): string {
  if (live.rows.length < before.rows.length) return anew(before, live)
  let output = ''
  let at = before.cursor.row
  live.rows.forEach((row, index) => {
    if (before.rows[index] === row) return
    // New rows below are made by line feeds, which scroll where that is needed.
    const last = Math.max(before.rows.length - 1, at)
    output += move(at, Math.min(index, last))
    output += '\r\n'.repeat(Math.max(index - last, 0))
    output += `\r${ERASE_LINE}${row}`
    at = index
  })
  const isStill = output === '' && before.cursor.row === live.cursor.row && before.cursor.column === live.cursor.column
  return isStill ? '' : output + place(live, at)
}

/** Fewer rows than before: what was below them goes. */
function anew(before: Live, live: Live): string {
  const text = live.rows.map(row => `${ERASE_LINE}${row}`).join('\r\n')
  return `\r${UP(before.cursor.row)}${text}${ERASE_BELOW}${place(live, live.rows.length - 1)}`
}

const move = (from: number, to: number): string => (to > from ? `\x1b[${to - from}B` : UP(from - to))

/** From row `at` to where the cursor belongs. */
const place = ({ cursor }: Live, at: number): string =>
  `${move(at, cursor.row)}\r${cursor.column > 0 ? `\x1b[${cursor.column}C` : ''}`

/**
 * Where the rows are after the terminal has become `columns` wide and has broken those that no longer fit, as most terminals do: what
 * `paint` needs as its `before`.
 */
export function reflowed({ rows, cursor }: Live, columns: number): Live {
  const heights = rows.map(row => Math.max(Math.ceil(width(unprinted(row)) / columns), 1))
  const above = heights.slice(0, cursor.row).reduce((sum, height) => sum + height, 0)
  const row = above + Math.floor(cursor.column / columns)
  // Their texts are not as they were: all are written again.
  const broken = heights.flatMap(height => Array.from({ length: height }, () => '\0'))
  return { rows: broken, cursor: { row, column: cursor.column % columns } }
}
