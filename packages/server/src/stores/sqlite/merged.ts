/** Numbers in falling order. */
export interface Source {
  /** No number of the source is larger. */
  readonly bound: number
  /** Begins to yield; called once, and only when the largest numbers may come from here. */
  open(): Iterator<number>
}

interface Head {
  readonly number: number
  readonly rest: Iterator<number>
}

/** The numbers of all sources in falling order. Costs what is taken, not what there is. */
export function* merged(sources: readonly Source[]): Generator<number> {
  const closed = sources.toSorted((a, b) => a.bound - b.bound)
  const heads: Head[] = []
  while (true) {
    for (let next = closed.at(-1); next && !(next.bound < (heads.at(-1)?.number ?? 0)); next = closed.at(-1)) {
      closed.pop()
      insert(heads, next.open())
    }
    const head = heads.pop()
    if (!head) return
    yield head.number
    insert(heads, head.rest)
  }
}

/** Keeps `heads` in rising order. */
function insert(heads: Head[], rest: Iterator<number>): void {
  const { done, value } = rest.next()
  if (done) return
  let low = 0
  let high = heads.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((heads[middle]?.number ?? 0) < value) low = middle + 1
    else high = middle
  }
  heads.splice(low, 0, { number: value, rest })
}

/** Numbers and their ordinals that follow an ordinal, at most so many. */
export type Fetch = (after: number, limit: number) => readonly (readonly [number: number, ordinal: number])[]

const CHUNK_MIN = 50
const CHUNK_MAX = 1_000

/** All that `fetch` finds after an ordinal, in chunks that grow, so that a short look stays cheap and a long one too. */
export function* inChunks(fetch: Fetch, from: number): Generator<number> {
  let after = from
  for (let limit = CHUNK_MIN; ; limit = Math.min(limit * 2, CHUNK_MAX)) {
    const chunk = fetch(after, limit)
    for (const [number, ordinal] of chunk) {
      after = ordinal
      yield number
    }
    if (chunk.length < limit) return
  }
}

/** `limit` numbers after the first `offset`. */
export function pageOf(numbers: Iterable<number>, offset: number, limit: number): readonly number[] {
  const page: number[] = []
  let skip = offset
  if (limit > 0) {
    for (const number of numbers) {
      if (skip-- > 0) continue
      page.push(number)
      if (page.length === limit) break
    }
  }
  return page
}
