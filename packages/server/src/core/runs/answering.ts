import type { Message } from '../message.ts'
import { type AgentEvent, AgentFailed, type Question } from '../ports/agents.ts'
import { Refused } from '../refusals.ts'
import type { Run, RunOutcome, RunStep, RunStepContent, RunUsage } from '../run.ts'
import type { Cast, RunPorts } from './cast.ts'
import { COMPLETED, type Ending, endRun, failure, INTERRUPTED, LEFT } from './ending.ts'
import { Groups } from './groups.ts'
import { Intake, plainJson } from './intake.ts'
import { questionOf } from './question.ts'
import { Retracing } from './retracing.ts'
import { spendingOf, type UnderWay } from './spending.ts'

/** Longest time an answer may take, in milliseconds. */
const TIME_MAX = 10 * 60_000
/** Longest reason that people are shown, in UTF-16 units. */
const FAULT_MAX = 500
/** Pauses between attempts to store an end that the store did not take, in milliseconds. */
const RETRY_FIRST = 1_000
const RETRY_MAX = 60_000

const TOO_SLOW = failure('The answer took too long')
const TOO_LONG = failure('The answer is too long')
const NOT_STORED = failure('The answer could not be stored')

/**
 * One run from its start to its stored end. Steps are told after they are stored, and nothing else ever is: where the store
 * takes no more the agent is stopped and the run ends as failed, as soon as the store takes that.
 */
export class Answering {
  readonly #ports: RunPorts
  readonly #cast: Cast
  readonly #groups: Groups
  readonly #intake: Intake
  readonly #retracing: Retracing
  readonly #underWay: () => Iterable<UnderWay>
  readonly #abort = new AbortController()
  readonly #ended = Promise.withResolvers<Run>()
  #ending: Ending | typeof LEFT | null = null
  #usage: RunUsage | null = null
  #results: RunOutcome['results']
  readonly #over = Promise.withResolvers<void>()
  #message: Message | undefined
  #isWaiting = false
  /** Whether what the asker says now is heard. */
  #isProducing = false
  readonly #asides: string[] = []
  #leftOut: number | null = null
  #isTyping = false
  #isLastTry = false
  /** Ends the wait for the agent's next step, and the pause before the next attempt at storing. */
  #skipStep: () => void = () => undefined
  #skipPause: () => void = () => undefined

  /**
   * `underWay`: all answers whose ends are not stored, this one among them. `stored`: what an earlier process stored of the answer,
   * which the agent gives again, and which is neither stored nor told.
   */
  constructor(ports: RunPorts, cast: Cast, underWay: () => Iterable<UnderWay>, stored: readonly RunStep[] = []) {
    this.#retracing = new Retracing(stored)
    this.#ports = ports
    this.#cast = cast
    this.#intake = new Intake(cast.run.options.isWhole)
    this.#underWay = underWay
    const { clock, later } = ports
    this.#groups = new Groups({
      clock,
      later,
      write: steps => this.#store(steps),
      failed: () => this.stop(NOT_STORED),
    })
    // Who cancels is told; of the others nobody waits.
    this.#ended.promise.catch(() => undefined)
  }

  /** The run once its end is stored. Rejects with Refused when the first attempt at that fails; others follow. run_open: it is left open. */
  get ended(): Promise<Run> {
    return this.#ended.promise
  }

  get cast(): Cast {
    return this.#cast
  }

  /** What is answered; undefined of a run that is only ended. */
  get asked(): Pick<Question, 'run' | 'message'> | undefined {
    return this.#message && { run: this.#cast.run, message: this.#message }
  }

  get usage(): RunUsage | null {
    return this.#usage
  }

  /** Ordinal before which messages had no place in the answer; null where all had, or none of them is stored. */
  get leftOut(): number | null {
    return this.#cast.prior ? null : this.#leftOut
  }

  /** Resolves when the run is over, or its end was given up. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  /** Whether it has not begun, because an earlier one of its conversation is not over. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** Has the agent answer `message`, once `earlier` is over. Resolves when the run is over; never rejects. */
  async answer(message: Message, earlier?: Promise<unknown>): Promise<void> {
    this.#message = message
    if (earlier) await this.#waitFor(earlier)
    if (this.#ending) return this.end(this.#ending)
    this.#type(true)
    await this.end(await this.#produce(message))
  }

  /** Waits no longer than until it is stopped. */
  #waitFor(earlier: Promise<unknown>): Promise<void> {
    this.#isWaiting = true
    return new Promise<void>(resolve => {
      this.#skipStep = resolve
      earlier.then(() => resolve())
    }).finally(() => {
      this.#isWaiting = false
    })
  }

  /** Tells the agent something more while it answers. False where it does not answer, or no more. */
  hear(aside: string): boolean {
    if (!this.#isProducing || this.#ending) return false
    this.#asides.push(aside)
    return true
  }

  /** Stops the agent, whatever it does; what it has given stays. The first ending counts. */
  stop(ending: Ending | typeof LEFT): void {
    if (this.#ending) return
    this.#ending = ending
    this.#abort.abort()
    this.#skipStep()
  }

  /** Lets a store that takes nothing have one more try, instead of trying until it does. */
  giveUp(): void {
    this.#isLastTry = true
    this.#skipPause()
  }

  /** Stores the end, however often it takes. Resolves when it is stored, is no longer needed, or was given up; never rejects. */
  async end(ending: Ending | typeof LEFT): Promise<void> {
    this.#ending ??= ending
    if (this.#ending === LEFT) this.#leave()
    else await this.#storeEnd(this.#ending)
    this.#over.resolve()
  }

  #leave(): void {
    this.#type(false)
    this.#ended.reject(new Refused({ code: 'run_open' }))
  }

  async #storeEnd(ending: Ending): Promise<void> {
    for (let pause = RETRY_FIRST; ; pause = Math.min(pause * 2, RETRY_MAX)) {
      const isLastTry = this.#isLastTry
      try {
        const left = {
          usage: this.#usage,
          outcome: this.#outcome(ending),
          by: this.#intake.speaker ?? ending.by ?? null,
        }
        const how = { ...ending, ...left }
        return this.#ended.resolve(await endRun(this.#ports, this.#cast, how, () => this.#type(false)))
      } catch (error) {
        this.#type(false)
        this.#ended.reject(error)
        if (!isTransient(error)) return this.#report(error)
        if (isLastTry) return
      }
      if (!this.#isLastTry) await this.#sleep(pause)
    }
  }

  async #produce(message: Message): Promise<Ending | typeof LEFT> {
    const stopClock = this.#ports.later(TIME_MAX, () => this.stop(TOO_SLOW))
    this.#isProducing = this.#ports.runner.isSteerable === true
    const ending = await this.#follow(message).catch(error => this.#ending ?? this.#failureOf(error))
    this.#isProducing = false
    stopClock()
    // A character that stays cut in half is stored as the sign for that.
    for (const step of this.#intake.rest()) await this.#add(step)
    await this.#groups.drained()
    // An agent that gave less than it had given before answers another question.
    const isLess = ending === COMPLETED && !this.#retracing.isDone
    return this.#ending ?? (isLess ? INTERRUPTED : ending)
  }

  async #follow(message: Message): Promise<Ending | typeof LEFT> {
    const question: Question = {
      ...(await questionOf(this.#ports, this.#cast, message)),
      spending: () => spendingOf(this.#ports, this.#cast, this.#underWay),
      takeAsides: () => this.#asides.splice(0),
    }
    const answer = this.#ports.runner.answer(question, this.#abort.signal)
    try {
      for (;;) {
        const next = await this.#next(answer)
        if (this.#ending) return this.#ending
        if (next.done) return COMPLETED
        await this.#take(next.value)
        if (this.#intake.isFull) return TOO_LONG
      }
    } finally {
      // An agent that goes on must stop, and one that does not must not keep the run from its end.
      this.#abort.abort()
      answer.return().catch(() => undefined)
    }
  }

  #outcome({ reason }: Ending): RunOutcome {
    return { ...(this.#results && { results: this.#results }), ...(reason && { fault: reason }) }
  }

  async #take(event: AgentEvent): Promise<void> {
    if (event.type === 'usage') this.#usage = event.usage
    else if (event.type === 'results') this.#results = plainJson(event.results)
    else if (event.type === 'left_out') this.#leftOut = event.before
    else for (const step of this.#intake.take(event)) await this.#add(step)
  }

  async #add(step: RunStepContent): Promise<void> {
    const added = this.#retracing.take(step)
    if (!added) return this.stop(INTERRUPTED)
    for (const one of added) await this.#groups.add(one)
  }

  /** The agent's next step, or at once its end when the run is stopped. */
  #next(answer: AsyncGenerator<AgentEvent, void, void>) {
    return new Promise<IteratorResult<AgentEvent, void>>((resolve, reject) => {
      this.#skipStep = () => resolve({ done: true, value: undefined })
      if (this.#ending) return this.#skipStep()
      answer.next().then(resolve, reject)
    })
  }

  /** Stores steps and tells of them. While the store is only busy it is asked again. */
  async #store(steps: readonly RunStepContent[]): Promise<void> {
    const { commits, clock, emit } = this.#ports
    const { run, room: of, agent, asker, via, hear } = this.#cast
    for (;;) {
      try {
        const write = { type: 'run.append', run: run.id, steps, at: clock.now() } as const
        await commits.run(write, ({ steps }) => {
          emit({ type: 'run.moved', of, run, agent, asker, steps, via })
          hear?.(steps)
        })
        return
      } catch (error) {
        const isBusy = error instanceof Refused && error.refusal.code === 'busy'
        if (!isBusy || this.#isLastTry) throw error
        await this.#sleep(RETRY_FIRST)
      }
    }
  }

  #failureOf(error: unknown): Ending {
    if (error instanceof AgentFailed) return failure(error.message.slice(0, FAULT_MAX).toWellFormed(), error.fault)
    this.#ports.onFault(error)
    return failure(null)
  }

  #report(error: unknown): void {
    // Ended by somebody else, or erased with its room: nothing is left to do.
    const isOver = error instanceof Refused && ['run_ended', 'run_unknown'].includes(error.refusal.code)
    if (!isOver) this.#ports.onFault(error)
  }

  #sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#ports.later(ms, resolve)
      this.#skipPause = () => {
        cancel()
        resolve()
      }
    })
  }

  #type(isTyping: boolean): void {
    if (this.#isTyping === isTyping) return
    this.#isTyping = isTyping
    const { room, agent, asker, via } = this.#cast
    const to = room.kind === 'direct' ? asker : null
    this.#ports.emit({ type: 'typing.changed', user: agent, in: room, to, isTyping, via })
  }
}

/** Whether the store may take the same write later. */
const isTransient = (error: unknown): boolean =>
  error instanceof Refused && ['busy', 'storage_failed'].includes(error.refusal.code)
