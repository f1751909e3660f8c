import { type Line, type Span, span, type Tone } from './line.ts'
import { clusters, clusterWidth, isIdeograph, width } from './width.ts'

/** A row of the screen. `end` is how much of the text it and those before it have used up, in UTF-16 units. */
export interface Row {
  readonly line: Line
  readonly end: number
}

export interface Paragraph {
  /** Before the text, on the first row. */
  readonly lead: Line
  /** Columns left empty before the other rows. */
  readonly hang: number
  readonly text: string
  readonly tone?: Tone
  /** Starts and ends in the text of what was looked for, in order, in UTF-16 units. */
  readonly hits?: readonly (readonly [start: number, end: number])[]
}

const COLUMNS_MIN = 4

/**
 * Rows of at most `columns`, broken between words where that is possible. What comes after a text changes its last row alone, so
 * all others may be printed for good.
 */
export function wrap(paragraph: Paragraph, columns: number): readonly Row[] {
  const filler = new Filler(paragraph, Math.max(columns, COLUMNS_MIN))
  for (const cluster of clusters(paragraph.text)) filler.add(cluster)
  return filler.end()
}

/** A line's beginning that fits. */
export function cut(line: Line, columns: number): Line {
  let left = columns
  return line.flatMap(({ text, tone }): readonly Span[] => {
    if (width(text) <= left) {
      left -= width(text)
      return [span(text, tone)]
    }
    let part = ''
    for (const cluster of clusters(text)) {
      const columns = clusterWidth(cluster)
      if (columns > left) break
      part += cluster
      left -= columns
    }
    left = 0
    return part ? [span(part, tone)] : []
  })
}

class Filler {
  readonly #rows: Row[] = []
  readonly #hang: number
  readonly #tone: Tone
  readonly #hits: NonNullable<Paragraph['hits']>
  readonly #limit: number
  #lead: Line
  /** The row so far, and the word at its end, which may still move to the next one; with their columns. */
  #row = ''
  #rowWidth: number
  #word = ''
  #wordWidth = 0
  #isFresh = true
  /** How much of the text was looked at. */
  #seen = 0

  constructor({ lead, hang, tone = 'plain', hits = [] }: Paragraph, limit: number) {
    this.#lead = cut(lead, limit - 2)
    this.#hang = Math.min(hang, limit - 2)
    this.#tone = tone
    this.#hits = hits
    this.#limit = limit
    this.#rowWidth = this.#lead.reduce((sum, { text }) => sum + width(text), 0)
  }

  add(cluster: string): void {
    this.#seen += cluster.length
    if (cluster === '\n' || cluster === '\r\n') {
      this.#settle()
      this.#finish(this.#seen)
    } else if (cluster === ' ') this.#space()
    else this.#grow(cluster)
  }

  end(): readonly Row[] {
    this.#settle()
    this.#push(this.#row, this.#seen)
    return this.#rows
  }

  /** One that doesn't fit is what the row ends with. */
  #space(): void {
    this.#settle()
    if (this.#rowWidth >= this.#limit) return
    this.#row += ' '
    this.#rowWidth++
    this.#isFresh = false
  }

  #grow(cluster: string): void {
    const columns = clusterWidth(cluster)
    const standsAlone = isIdeograph(cluster)
    if (standsAlone) this.#settle()
    this.#word += cluster
    this.#wordWidth += columns
    if (this.#rowWidth + this.#wordWidth > this.#limit) {
      if (!this.#isFresh) this.#finish(this.#seen - this.#word.length)
      if (this.#rowWidth + this.#wordWidth > this.#limit) this.#breakWord(cluster, columns)
    }
    if (standsAlone) this.#settle()
  }

  /** A word that is longer than a row. */
  #breakWord(last: string, columns: number): void {
    this.#word = this.#word.slice(0, -last.length)
    this.#wordWidth -= columns
    this.#settle()
    this.#finish(this.#seen - last.length)
    this.#word = last
    this.#wordWidth = columns
  }

  #settle(): void {
    if (this.#word === '') return
    this.#row += this.#word
    this.#rowWidth += this.#wordWidth
    this.#word = ''
    this.#wordWidth = 0
    this.#isFresh = false
  }

  #push(row: string, end: number): void {
    this.#rows.push({ line: [...this.#lead, ...this.#marked(row)], end })
  }

  /** The text of a row, which goes on where the row before has used the text up, with the hits in it. */
  #marked(row: string): Line {
    const start = this.#rows.at(-1)?.end ?? 0
    const within = (at: number) => Math.min(Math.max(at - start, 0), row.length)
    const cuts = [0, ...this.#hits.flat().map(within), row.length]
    // Every other part is a hit.
    const parts = cuts.slice(1).map((to, part) => span(row.slice(cuts[part], to), part % 2 === 0 ? this.#tone : 'hit'))
    return parts.filter(({ text }) => text !== '')
  }

  #finish(end: number): void {
    this.#push(this.#row.trimEnd(), end)
    this.#lead = this.#hang > 0 ? [span(' '.repeat(this.#hang))] : []
    this.#row = ''
    this.#rowWidth = this.#hang
    this.#isFresh = true
  }
}
