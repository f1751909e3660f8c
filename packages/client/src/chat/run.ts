import type { StepFrame } from '@parley/protocol/rooms/level2/down'
import type { ChatError } from './errors.ts'
import type { SentMessage } from './room-log.ts'
import type { Person, RunEnd, RunInfo, RunOrigin } from './wire.ts'

/** One step of an answer. `n` is its place, from 1. */
export type RunStep = { readonly n: number } /** `by`: which agent of a team says it. */ & (
  | { readonly type: 'text'; readonly text: string; readonly by?: string }
  /** Another agent of a team goes on. */
  | { readonly type: 'switch'; readonly from: string; readonly to: string; readonly reason: string }
  | ({ readonly type: 'tool' } & Pick<
      Extract<StepFrame, { type: 'run_tool' }>['data'],
      'call' | 'name' | 'state' | 'detail'
    >)
  /** The last one. */
  | { readonly type: 'end'; readonly state: RunEnd; readonly results?: Readonly<Record<string, unknown>> }
)

/** How an answer ended. */
export interface RunResult {
  readonly state: RunEnd
  readonly text: string
  /** The message it became; null where there was no text. */
  readonly message: SentMessage | null
  /** What it took, and why it failed. */
  readonly info: RunInfo
}

/** What a run needs of its client. */
export interface RunHost {
  cancel(runId: string): Promise<void>
  /** Has its question answered once more. */
  again(runId: string, how: RunOrigin['how']): Promise<Run>
  /** Steps are missing after the `n`-th. */
  resume(run: Run): void
}

/**
 * An agent's answer being produced. Loop over it for its steps: each loop gets all of them once and in order, from the first on,
 * over any number of lost connections, and ends with the last.
 */
export class Run implements AsyncIterable<RunStep, undefined> {
  readonly id: string
  readonly #host: RunHost
  readonly #steps: RunStep[] = []
  readonly #listeners = new Set<(step: RunStep) => unknown>()
  readonly #result = Promise.withResolvers<RunResult>()
  #info: RunInfo | undefined
  #text = ''
  #changed = Promise.withResolvers<void>()
  #loops = 0
  /** Why the rest of the steps won't come. */
  #fault: ChatError | undefined

  constructor(id: string, host: RunHost) {
    this.id = id
    this.#host = host
    this.#result.promise.catch(() => {})
  }

  /** What is known of it. Undefined while only steps were seen. */
  get info(): RunInfo | undefined {
    return this.#info
  }

  /** Who answers. */
  get agent(): Person | undefined {
    return this.#info?.agent
  }

  get state(): RunInfo['state'] {
    return this.#info?.state ?? 'running'
  }

  /** The text so far. */
  get text(): string {
    return this.#text
  }

  /** How many steps there are so far. @internal */
  get length(): number {
    return this.#steps.length
  }

  /** Whether all steps are here. @internal */
  get isWhole(): boolean {
    return this.#steps.at(-1)?.type === 'end'
  }

  /** Whether somebody waits for steps. @internal */
  get isRead(): boolean {
    return this.#loops + this.#listeners.size > 0
  }

  /**
   * Resolves when it ended, however it did. Rejects with ChatError when the end can't be learned: RESET where the room's log was
   * lost in between, CLOSED with the client.
   */
  get done(): Promise<RunResult> {
    return this.#result.promise
  }

  /** Asks the agent to stop. What it wrote until then stays. Rejects with ChatError, RUN_ENDED when it is over already. */
  cancel(): Promise<void> {
    return this.#host.cancel(this.id)
  }

  /**
   * Has an answer that was cancelled or interrupted or failed go on where its text stops: the new run, whose text is the rest.
   * Rejects with ChatError, NOTHING_TO_CONTINUE where it is whole or has no text.
   */
  continue(): Promise<Run> {
    return this.#host.again(this.id, 'continue')
  }

  /** Has the question answered once more, from the beginning. This answer stays. Rejects with ChatError, RUN_OPEN before its end. */
  regenerate(): Promise<Run> {
    return this.#host.again(this.id, 'regenerate')
  }

  /** Calls `listener` for each step from now on; the answer takes that back. */
  onStep(listener: (step: RunStep) => unknown): () => void {
    const own = (step: RunStep) => listener(step)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunStep, undefined> {
    this.#loops++
    try {
      for (let next = 0; ; ) {
        const changed = this.#changed.promise
        const step = this.#steps[next]
        if (step) {
          next++
          yield step
        } else if (this.isWhole) return
        else if (this.#fault) throw this.#fault
        else {
          // It ended while nobody looked: its steps are in its log still.
          if (this.state !== 'running') this.#host.resume(this)
          await changed
        }
      }
    } finally {
      this.#loops--
    }
  }

  /** @internal */
  describe(info: RunInfo): void {
    if (this.state === 'running') this.#info = info
  }

  /** Takes a step, in whatever order and however often it comes. @internal */
  hear(step: RunStep): void {
    if (this.isWhole || this.#fault || step.n <= this.#steps.length) return
    if (step.n > this.#steps.length + 1) return this.#host.resume(this)
    this.#steps.push(step)
    if (step.type === 'text' && this.state === 'running') this.#text += step.text
    this.#wake()
    for (const listener of [...this.#listeners]) listener(step)
  }

  /** The room's log tells how it ended. Steps may still be to come. @internal */
  end(info: RunInfo, message: SentMessage | null): void {
    if (this.state !== 'running' || info.state === 'running') return
    this.#info = info
    this.#text = message?.content ?? this.#text
    this.#result.resolve({ state: info.state, text: this.#text, message, info })
    this.#wake()
  }

  /** Nobody will tell the rest. @internal */
  fail(error: ChatError): void {
    this.#fault ??= error
    this.#result.reject(error)
    this.#wake()
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
