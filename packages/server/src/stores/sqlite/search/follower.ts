import { StoreFailed } from '../../../core/ports/store.ts'
import type { SearchOptions } from './search.ts'
import type { Answers } from './thread.ts'

type Progress = Answers['follow']

/** How long news may gather before it is looked at, and how long nothing is looked for that nobody told of; in milliseconds. */
const GATHER = 50
const POLL = 3_000

/** Somebody who waits for everything that is stored to be found. */
interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: StoreFailed) => void
}

/**
 * Has the index brought on slice by slice. After each it rests for as long as the slice took, so that it never takes more than
 * half a core from the server, unless somebody waits for it. Begins when it is woken for the first time.
 */
export class Follower {
  readonly #slice: () => Promise<Progress>
  readonly #options: SearchOptions
  #state: 'asleep' | 'resting' | 'working' | 'stopped' = 'asleep'
  #timer: NodeJS.Timeout | undefined
  /** Something happened since the last slice began. */
  #isNews = false
  #waiters: Waiter[] = []
  #work: Promise<void> = Promise.resolve()
  #hasFailed = false

  constructor(slice: () => Promise<Progress>, options: SearchOptions) {
    this.#slice = slice
    this.#options = options
  }

  wake(): void {
    this.#isNews = true
    if (this.#state === 'asleep') this.#rest(GATHER)
  }

  /** Resolves once a slice that begins after this call has left nothing to do. */
  caughtUp(): Promise<void> {
    if (this.#state === 'stopped') return Promise.reject(new StoreFailed('closed'))
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      if (this.#state !== 'working') this.#rest(0)
    })
  }

  /** Ends after the slice it is at. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    clearTimeout(this.#timer)
    await this.#work
    for (const { reject } of this.#waiters.splice(0)) reject(new StoreFailed('closed'))
  }

  #rest(milliseconds: number): void {
    this.#state = milliseconds === POLL ? 'asleep' : 'resting'
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#work = this.#go()
    }, milliseconds)
  }

  async #go(): Promise<void> {
    this.#state = 'working'
    this.#isNews = false
    const waiters = this.#waiters.splice(0)
    const progress = await this.#try()
    if (progress?.isBehind === false) for (const { resolve } of waiters) resolve()
    else this.#waiters.unshift(...waiters)
    if (!this.#isStopped()) this.#rest(this.#pauseAfter(progress))
  }

  // Asked by a method, since a stop may come while a slice is awaited.
  #isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** One slice, with what it brings about. Undefined when it failed, which is told once until one succeeds. */
  async #try(): Promise<Progress | undefined> {
    try {
      const progress = await this.#slice()
      if (progress.remade !== null) this.#options.onRemade(progress.remade)
      if (progress.forget !== null) await this.#options.forget(progress.forget)
      this.#hasFailed = false
      return progress
    } catch (error) {
      if (!this.#hasFailed) this.#options.onFault(new Error('The search could not go on', { cause: error }))
      this.#hasFailed = true
      return undefined
    }
  }

  #pauseAfter(progress: Progress | undefined): number {
    if (!progress) return POLL
    if (this.#waiters.length > 0) return 0
    if (progress.isBehind) return progress.took
    return this.#isNews ? GATHER : POLL
  }
}
