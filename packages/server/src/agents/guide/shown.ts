import { isJsonObject } from '../../core/json.ts'
import type { Json, JsonObject } from '../tools/tool.ts'
import { fenced } from '../waiting.ts'
import { shortened } from './telling.ts'

/** Longest JSON that is shown, in code points; rows and columns of a table, and code points of a cell. */
const JSON_MAX = 4_000
const ROWS_MAX = 20
const COLUMNS_MAX = 5
const CELL_MAX = 60

/** A value as people read it: a list of objects as a table, text as it is, anything else as JSON. What is long is cut. */
export function shownValue(value: Json): string {
  if (typeof value === 'string') return shortened(value, JSON_MAX)
  if (isTable(value)) return tableOf(value)
  const list = isJsonObject(value) ? onlyTableIn(value) : undefined
  if (!list) return fenced(shortened(JSON.stringify(value, null, 2), JSON_MAX))
  return [...list.beside.map(([name, one]) => `${name}: ${cellOf(one)}`), tableOf(list.rows)].join('\n')
}

type Rows = readonly JsonObject[]

const isTable = (value: Json): value is Rows => Array.isArray(value) && value.length > 0 && value.every(isJsonObject)

/** The list of an answer that has one, with what is said beside it. */
function onlyTableIn(value: JsonObject) {
  const entries = Object.entries(value)
  const [table, ...others] = entries.filter(([, one]) => isTable(one))
  const beside = entries.filter(entry => entry !== table)
  const isFlat = beside.every(([, one]) => typeof one !== 'object' || one === null)
  return table && others.length === 0 && isFlat ? { rows: table[1] as Rows, beside } : undefined // what isTable let pass
}

function tableOf(rows: Rows): string {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))].slice(0, COLUMNS_MAX)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const left = rows.length - ROWS_MAX
  return [
    line(columns.map(cellOf)),
    line(columns.map(() => '---')),
    ...rows.slice(0, ROWS_MAX).map(row => line(columns.map(column => cellOf(row[column] ?? null)))),
    ...(left > 0 ? [`… and ${left} more`] : []),
  ].join('\n')
}

function cellOf(value: Json): string {
  const text = value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  return shortened(text.replaceAll(/\s+/g, ' '), CELL_MAX).replaceAll('|', '\\|')
}
