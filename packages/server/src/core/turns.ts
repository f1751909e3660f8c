import { BUSY, Refused } from './refusals.ts'

/** Work that is done one after the other where it is about the same thing. */
export class Turns<K> {
  readonly #waitingMax: number
  readonly #turns = new Map<K, { last: Promise<unknown>; waiting: number }>()

  /** `waitingMax`: how much may wait for the same thing. */
  constructor(waitingMax = Number.POSITIVE_INFINITY) {
    this.#waitingMax = waitingMax
  }

  /** Does `work` when everything about `key` that was asked for before has ended, however it did. Refuses busy where too much waits. */
  async take<T>(key: K, work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.get(key) ?? { last: Promise.resolve(), waiting: 0 }
    if (turn.waiting >= this.#waitingMax) throw new Refused(BUSY)
    this.#turns.set(key, turn)
    turn.waiting++
    const mine = turn.last.then(work)
    turn.last = mine.catch(() => undefined)
    try {
      return await mine
    } finally {
      if (--turn.waiting === 0) this.#turns.delete(key)
    }
  }
}
