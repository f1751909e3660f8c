import type { Heads, Row, Source } from './source.ts'
import type { Position, WordsIndex } from './words-index.ts'

/** How long one slice works at the most, in milliseconds, before its commit. What was changed has half of it, new messages the rest. */
const SLICE = 6
/** Rows between two looks at the clock: less than a millisecond's work, but for very long texts. */
const BATCH = 16
/** So many changes gone past are worth a write that forgets them. */
const FORGET_MIN = 1_000

/** What a slice did. */
export interface Progress {
  readonly isBehind: boolean
  /** Milliseconds. */
  readonly took: number
  /** Changes up to this one are never needed again. Null while they are few. */
  readonly forget: number | null
}

/** Brings the index on by one slice, from one moment of the store. */
export function follow(source: Source, index: WordsIndex, from: Position, forgetMin = FORGET_MIN): Progress {
  const began = performance.now()
  const took = () => performance.now() - began
  const [to, heads] = source.atOnce(() => {
    const heads = source.heads()
    const isDone = behind(heads, from) === 0
    return [isDone ? from : index.inOne(() => slice(source, index, from, took)), heads]
  })
  const isBehind = behind(heads, to) > 0
  // What is forgotten there must be here for good.
  const mayForget = !isBehind && to.change - heads.forgotten >= forgetMin && index.sync()
  return { isBehind, took: took(), forget: mayForget ? to.change : null }
}

/** How many messages and changes there are after a position. */
export const behind = (heads: Heads, { message, change }: Position): number =>
  Math.max(0, heads.message - message) + Math.max(0, heads.change - change)

function slice(source: Source, index: WordsIndex, from: Position, took: () => number): Position {
  let { change } = from
  for (let isMore = true; isMore && took() < SLICE / 2; ) {
    const changes = source.changes(change, BATCH)
    takeUp(
      source,
      index,
      from,
      changes.map(({ number }) => number),
    )
    change = changes.at(-1)?.id ?? change
    isMore = changes.length === BATCH
  }
  let last: Pick<Row, 'number' | 'id'> = { number: from.message, id: from.messageId }
  for (let isMore = true; isMore && took() < SLICE; ) {
    const rows = source.after(last.number, BATCH)
    for (const { indexed } of rows) if (indexed) index.put(indexed)
    last = rows.at(-1) ?? last
    isMore = rows.length === BATCH
  }
  return { message: last.number, messageId: last.id, change }
}

/** Has the index know messages as they are now. Those it has not come to yet it will find so. */
function takeUp(source: Source, index: WordsIndex, { message }: Position, changed: readonly number[]): void {
  const numbers = [...new Set(changed)].filter(number => number <= message)
  for (const number of numbers.toSorted((a, b) => a - b)) {
    index.remove(number)
    const indexed = source.row(number)?.indexed
    if (indexed) index.put(indexed)
  }
}
