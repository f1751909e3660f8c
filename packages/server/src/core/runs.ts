import type { RoomId, RunId, UserId } from './ids.ts'
import type { Message } from './message.ts'
import type { Question } from './ports/agents.ts'
import { refuse } from './refusals.ts'
import type { Run, RunStep } from './run.ts'
import { Answering } from './runs/answering.ts'
import { type Cast, castOf, type Later, type RunPorts } from './runs/cast.ts'
import { CANCELLED, type Ending, failure, INTERRUPTED, LEFT, lastSpeaker } from './runs/ending.ts'
import { Summaries } from './runs/summaries.ts'

export type { RunPorts } from './runs/cast.ts'

/** Answers produced at once, in all and for one asker. */
const RUNS_MAX = 200
const RUNS_OF_ONE_MAX = 8

const TOO_MANY = failure('Too many answers at once')

/** A run that started, with its message or to answer that once more. */
export interface Asked extends Cast {
  /** The message that is answered. */
  readonly message: Message
  /** Place of the run's start in the room's log, and its time. */
  readonly seq: number
  readonly at: number
}

type RunOf = Pick<Question, 'run' | 'message'>

/** By the machine's timers. A wait does not keep the process alive. */
export const later: Later = (ms, run) => {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}

/** The runs in progress: has agents answer, stores what they say before anybody sees it, and ends every run visibly. */
export class Runs {
  readonly #ports: RunPorts
  readonly #open = new Map<RunId, Answering>()
  readonly #over = new Set<() => void>()
  readonly #summaries: Summaries
  #isStopping = false

  constructor(ports: RunPorts) {
    this.#ports = ports
    this.#summaries = new Summaries(ports, () => this.#open.values())
  }

  /** Runs whose end is not stored yet. */
  get active(): number {
    return this.#open.size
  }

  /**
   * Tells of a run that was stored and has the agent answer. To be called in the turn in which it was stored, right after a question
   * that was stored with it was told, so that all is published in the order of the log. Beyond the limits the run ends at once as failed.
   */
  start({ message, seq, at, ...cast }: Asked): void {
    const { run, room, agent, asker, via } = cast
    this.#ports.emit({ type: 'run.started', room, seq, at, run, agent, asker, via })
    const refusal = this.#refusal({ run, message }, asker.id)
    if (refusal) return void this.#end(cast, refusal)
    this.#follow(cast, answering => answering.answer(message, this.#before(answering)))
  }

  /** Tells the answer under way in a conversation something more. False where none hears it. */
  steer(room: RoomId, aside: string): boolean {
    return [...this.#open.values()].some(answering => answering.cast.room.id === room && answering.hear(aside))
  }

  /** Runs of a conversation that are open, also those that wait: there they are answered one after the other. */
  openIn(room: RoomId): readonly Run[] {
    return [...this.#open.values()].flatMap(({ cast }) => (cast.room.id === room ? [cast.run] : []))
  }

  /** In a conversation: ends when the run before this one is over, however it ended. */
  #before(answering: Answering): Promise<unknown> | undefined {
    const { room } = answering.cast
    if (room.kind !== 'conversation') return undefined
    const open = [...this.#open.values()].filter(({ cast }) => cast.room.id === room.id)
    return open[open.indexOf(answering) - 1]?.over
  }

  /** Ends a run as cancelled; what the agent has given stays. Resolves once that is stored. Refuses run_unknown, run_ended, storage_failed. */
  async cancel(id: RunId): Promise<Run> {
    const answering = this.#open.get(id)
    answering?.stop(CANCELLED)
    const run = await (answering?.ended ?? this.#endStray(id))
    return run.end?.state === 'cancelled' ? run : refuse({ code: 'run_ended' })
  }

  /** Ends all runs of a room as cancelled: nobody can read them any more. */
  cancelIn(room: RoomId): void {
    for (const answering of this.#open.values()) if (answering.cast.room.id === room) answering.stop(CANCELLED)
  }

  /**
   * Stops all runs, and every later one at its start: those that go on by themselves stay open, the others end as interrupted.
   * Resolves when what they gave and their ends are stored; those that the store does not take at once are left to `recover`. To be
   * called before the store is closed.
   */
  async interruptAll(): Promise<void> {
    this.#isStopping = true
    this.#summaries.stop()
    for (const answering of this.#open.values()) {
      // What its asker told in memory alone is not there after the next start.
      answering.stop(answering.cast.prior ? INTERRUPTED : this.#stopped(answering.asked))
      answering.giveUp()
    }
    if (this.#open.size > 0) await new Promise<void>(resolve => this.#over.add(resolve))
  }

  /** The run once its end is stored; undefined for an unknown one. Rejects with Refused: run_open where it goes on only after the next start. */
  async ended(id: RunId): Promise<Run | undefined> {
    const answering = this.#open.get(id)
    if (answering) return answering.ended
    const [run] = await this.#ports.store.runs([id])
    return run
  }

  /**
   * Goes on with the runs that an earlier process left open and that go on by themselves, and ends the others as interrupted; their
   * texts become messages. To be called once at start-up by the process that serves, not by others with the same store. Resolves
   * when these ends are stored or were tried once.
   */
  async recover(): Promise<void> {
    const left = (await this.#ports.store.openRuns()).filter(run => !this.#open.has(run.id))
    await Promise.allSettled(left.map(run => this.#recover(run)))
  }

  async #recover(run: Run): Promise<void> {
    const { store } = this.#ports
    const cast = await this.#castOf(run)
    const message = cast.room.deletedAt === null ? await store.message(run.question) : undefined
    if (!message || !this.#isRepeatable({ run, message })) return void (await this.#endLeft(cast, INTERRUPTED))
    const stored = await store.runSteps(run.id, 0, Number.MAX_SAFE_INTEGER)
    const { room: of, agent, asker } = cast
    // Whoever follows runs knows of this one from here on.
    if (stored.length > 0) this.#ports.emit({ type: 'run.moved', of, run, agent, asker, steps: stored })
    this.#follow(cast, answering => answering.answer(message, this.#before(answering)), stored)
  }

  #isRepeatable(asked: RunOf): boolean {
    return this.#ports.runner.isRepeatable?.(asked) === true
  }

  /** How a run ends where the server stops. */
  #stopped(asked: RunOf | undefined): Ending | typeof LEFT {
    return asked && this.#isRepeatable(asked) ? LEFT : INTERRUPTED
  }

  async #endStray(id: RunId): Promise<Run> {
    const [run] = await this.#ports.store.runs([id])
    if (!run) return refuse({ code: 'run_unknown' })
    return run.end ? refuse({ code: 'run_ended' }) : this.#endLeft(await this.#castOf(run), CANCELLED)
  }

  /** Ends a run that another process left. */
  async #endLeft(cast: Cast, ending: Ending): Promise<Run> {
    return this.#end(cast, { ...ending, by: await lastSpeaker(this.#ports, cast.run) })
  }

  async #castOf(run: Run): Promise<Cast> {
    return (await castOf(this.#ports, run)) ?? refuse({ code: 'run_unknown' })
  }

  /** Ends a run that nobody answers. */
  #end(cast: Cast, ending: Ending | typeof LEFT): Promise<Run> {
    return this.#follow(cast, answering => answering.end(ending)).ended
  }

  #follow(cast: Cast, work: (answering: Answering) => Promise<void>, stored: readonly RunStep[] = []): Answering {
    const answering = new Answering(this.#ports, cast, () => this.#open.values(), stored)
    this.#open.set(cast.run.id, answering)
    if (this.#isStopping) answering.giveUp()
    void work(answering).finally(() => this.#forget(answering))
    return answering
  }

  #forget({ cast, leftOut }: Answering): void {
    this.#open.delete(cast.run.id)
    if (leftOut !== null) this.#summaries.start(cast, leftOut)
    if (this.#open.size > 0) return
    for (const resolve of this.#over) resolve()
    this.#over.clear()
  }

  #refusal(asked: RunOf, asker: UserId): Ending | typeof LEFT | undefined {
    if (this.#isStopping) return this.#stopped(asked)
    if (this.#open.size >= RUNS_MAX) return TOO_MANY
    let own = 0
    for (const { cast, isWaiting } of this.#open.values()) if (cast.asker.id === asker && !isWaiting) own++
    return own >= RUNS_OF_ONE_MAX ? TOO_MANY : undefined
  }
}
