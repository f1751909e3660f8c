import type { Store } from './ports/store.ts'
import type { Outcome, Write, Writes } from './ports/writes.ts'
import { BUSY, type Refusal, Refused } from './refusals.ts'

/** Told once how its write ended. A plain object with two methods, so that a message costs no closure and no promise. */
export interface CommitWaiter {
  /** After the commit is durable, in the order the writes were added. */
  committed(outcome: Outcome): void
  /** The whole transaction failed, or the write was never tried. */
  failed(refusal: Refusal): void
}

/** Longest group. Bounds how long one transaction keeps the others waiting. */
const GROUP_MAX = 512
/** Writes that may wait before new ones are refused. About half a second of work. */
const WAITING_MAX = 10_000

/**
 * Group commit: while one transaction is being synced the next group gathers, so one sync serves many writes and a
 * lone write waits for nobody. Writes of one turn of the event loop share a group.
 */
export class Commits {
  readonly #store: Store
  readonly #afterGroup: () => void
  readonly #onFailure: (error: unknown) => void
  #writes: Write[] = []
  #waiters: CommitWaiter[] = []
  #state: 'idle' | 'scheduled' | 'committing' = 'idle'
  /** How many writes were ever added and how many of them have ended, and who waits for that many to have. */
  #added = 0
  #ended = 0
  #drains: { readonly upTo: number; readonly resolve: () => void }[] = []

  /** `afterGroup` runs after all waiters of a group were told: the moment to publish what happened. */
  constructor(store: Store, afterGroup: () => void, onFailure: (error: unknown) => void) {
    this.#store = store
    this.#afterGroup = afterGroup
    this.#onFailure = onFailure
  }

  /** Writes that wait for a transaction. */
  get waiting(): number {
    return this.#writes.length
  }

  add(write: Write, waiter: CommitWaiter): void {
    if (this.#writes.length >= WAITING_MAX) return waiter.failed(BUSY)
    this.#added++
    this.#writes.push(write)
    this.#waiters.push(waiter)
    if (this.#state === 'idle') this.#schedule()
  }

  /**
   * `add` for callers that want to wait; rejects with Refused. `done` runs at once after the commit: what it emits leaves
   * in the order of the writes.
   */
  run<W extends Write>(
    write: W,
    done: (value: Writes[W['type']]['out']) => void = () => undefined,
  ): Promise<Writes[W['type']]['out']> {
    return new Promise((resolve, reject) => {
      this.add(write, {
        committed(outcome) {
          if (outcome.state === 'refused') return reject(new Refused(outcome.refusal))
          // The store answers a write with an outcome of its type; the queue is untyped for speed.
          const value = outcome.value as Writes[W['type']]['out']
          done(value)
          resolve(value)
        },
        failed: refusal => reject(new Refused(refusal)),
      })
    })
  }

  /** Resolves when everything added so far has been committed or has failed, and was told so. */
  drained(): Promise<void> {
    if (this.#ended === this.#added) return Promise.resolve()
    return new Promise(resolve => this.#drains.push({ upTo: this.#added, resolve }))
  }

  #schedule(): void {
    this.#state = 'scheduled'
    setImmediate(this.#commit)
  }

  readonly #commit = (): void => {
    this.#state = 'committing'
    const all = this.#writes.length <= GROUP_MAX
    const writes = all ? this.#writes : this.#writes.slice(0, GROUP_MAX)
    const waiters = all ? this.#waiters : this.#waiters.slice(0, GROUP_MAX)
    this.#writes = all ? [] : this.#writes.slice(GROUP_MAX)
    this.#waiters = all ? [] : this.#waiters.slice(GROUP_MAX)
    this.#store.commit(writes).then(
      outcomes => this.#settle(waiters, outcomes),
      error => this.#fail(waiters, error),
    )
  }

  #settle(waiters: readonly CommitWaiter[], outcomes: readonly Outcome[]): void {
    // The next transaction starts before this one is told about: the disk works while we encode.
    this.#next()
    for (let i = 0; i < waiters.length; i++) {
      // One waiter's fault must not keep the others of its group from their answers.
      try {
        waiters[i]?.committed(outcomes[i] as Outcome)
      } catch (error) {
        this.#onFailure(error)
      }
    }
    this.#end(waiters.length)
  }

  #fail(waiters: readonly CommitWaiter[], error: unknown): void {
    this.#onFailure(error)
    this.#next()
    for (const waiter of waiters) waiter.failed({ code: 'storage_failed' })
    this.#end(waiters.length)
  }

  #next(): void {
    if (this.#writes.length > 0) this.#commit()
    else this.#state = 'idle'
  }

  #end(count: number): void {
    this.#afterGroup()
    this.#ended += count
    while ((this.#drains[0]?.upTo ?? Number.POSITIVE_INFINITY) <= this.#ended) this.#drains.shift()?.resolve()
  }
}
