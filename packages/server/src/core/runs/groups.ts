import type { Clock } from '../ports/clock.ts'
import type { RunStepContent } from '../run.ts'
import type { Later } from './cast.ts'

/** How long steps are gathered before they are stored together, in milliseconds. */
const GATHER = 40
/** Steps of one group. One more waits for the store, so that an agent which never pauses leaves others their turn. */
const GROUP_MAX = 256

interface Options {
  readonly clock: Clock
  readonly later: Later
  /** Stores and publishes a group. */
  readonly write: (steps: readonly RunStepContent[]) => Promise<unknown>
  /** Hears once that a group could not be stored; nothing is written any more. */
  readonly failed: (error: unknown) => void
}

/**
 * Stores the steps of a run in groups: the first one at once, those that follow soon together, so that a fast agent costs a
 * few transactions a second and a slow one waits for nothing. At most one group is gathered while another is stored.
 */
export class Groups {
  readonly #options: Options
  #gathered: RunStepContent[] = []
  /** Ends when the group being stored is, or can't be. Never rejects. */
  #writing: Promise<void> | null = null
  #writtenAt = Number.NEGATIVE_INFINITY
  #disarm: (() => void) | null = null
  #hasFailed = false

  constructor(options: Options) {
    this.#options = options
  }

  /** Takes a step. Resolves when the next one may come. */
  async add(step: RunStepContent): Promise<void> {
    this.#gathered.push(step)
    const wait = this.#writtenAt + GATHER - this.#options.clock.monotonic()
    if (wait > 0 && this.#gathered.length < GROUP_MAX) {
      this.#disarm ??= this.#options.later(wait, () => {
        this.#disarm = null
        void this.#writeNext()
      })
      return
    }
    await this.#writeNext()
  }

  /** Resolves once everything is stored, or can't be. */
  async drained(): Promise<void> {
    await this.#writeNext()
    await this.#writing
  }

  async #writeNext(): Promise<void> {
    while (this.#writing && this.#gathered.length > 0) await this.#writing
    this.#disarm?.()
    this.#disarm = null
    const group = this.#gathered
    this.#gathered = []
    if (group.length === 0 || this.#hasFailed) return
    this.#writtenAt = this.#options.clock.monotonic()
    this.#writing = this.#write(group).finally(() => {
      this.#writing = null
    })
  }

  async #write(group: readonly RunStepContent[]): Promise<void> {
    try {
      await this.#options.write(group)
    } catch (error) {
      this.#hasFailed = true
      this.#options.failed(error)
    }
  }
}
