import { type Line, span } from '../text/line.ts'
import { clusters, clusterWidth, width } from '../text/width.ts'
import type { Editor } from './editor.ts'

/** Rows, and where the cursor stands in them. */
export interface Typed {
  readonly rows: readonly Line[]
  readonly cursor: { readonly row: number; readonly column: number }
}

/** What is being typed, behind its prompt: at most `height` rows of at most `columns`, those around the cursor. */
export function typed(editor: Editor, prompt: string, columns: number, height: number): Typed {
  const hang = Math.min(width(prompt), columns >> 1)
  const rows: string[] = ['']
  let used = width(prompt)
  let place = { row: 0, column: used }
  let seen = 0
  const next = () => {
    rows.push('')
    used = hang
  }
  for (const cluster of [...clusters(editor.text), '']) {
    if (cluster !== '\n' && used + clusterWidth(cluster) > columns) next()
    if (seen === editor.cursor) place = { row: rows.length - 1, column: used }
    seen += cluster.length
    if (cluster === '\n') next()
    else {
      rows.push((rows.pop() ?? '') + cluster)
      used += clusterWidth(cluster)
    }
  }
  const from = Math.max(0, Math.min(place.row - height + 1, rows.length - height))
  const lines = rows.map((text, at): Line => [span(at === 0 ? prompt : ' '.repeat(hang), 'dim'), span(text)])
  return { rows: lines.slice(from, from + height), cursor: { row: place.row - from, column: place.column } }
}
