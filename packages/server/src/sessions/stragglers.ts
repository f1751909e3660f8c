import type { Context } from '../core/context.ts'
import type { ConnectionId, LogId } from '../core/events.ts'
import { catchUp } from './catchup.ts'
import type { Fanout } from './fanout.ts'
import type { Observer } from './observe.ts'
import type { Session } from './session.ts'

export interface StragglersOptions {
  readonly context: Context
  readonly fanout: Fanout
  readonly observer: Observer
  /** Seconds a reader may take nothing at all. */
  readonly stuckSeconds: number
  /** Tells a reader to come back, because it took too long or too much. */
  readonly giveUp: (session: Session) => void
  readonly onFault: (error: unknown) => void
}

/** Sockets that have to be shown something from the logs before anything is pushed to them again. */
export class Stragglers {
  readonly #options: StragglersOptions
  readonly #behind = new Set<Session>()

  constructor(options: StragglersOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#behind.size
  }

  /** A socket fell behind because it reads too slowly. */
  fell(slow: Session, tick: number): void {
    this.#behind.add(slow)
    this.#options.observer.slow(slow.view.name, 'behind')
    this.#holdRuns(slow, tick)
  }

  /** Answers that another connection of its user asked for and left are shown to a socket from their start. */
  takeOver(open: Session, gone: ConnectionId, tick: number): void {
    const runs = this.#options.fanout.runs.leftTo(open, gone)
    if (runs.length === 0) return
    for (const run of runs) this.miss(open, run, 0, tick)
    this.#holdRuns(open, tick)
    void this.drained(open, tick)
  }

  /** Of the answers it was being shown a socket that is behind needs the rest, and not all over again. */
  #holdRuns(open: Session, tick: number): void {
    for (const [run, seen] of this.#options.fanout.runs.of(open)) open.outbox.miss(run, seen, tick)
  }

  /** Has a socket be shown a log from a position on. */
  miss(open: Session, log: LogId, position: number, tick: number): void {
    if (open.outbox.miss(log, position, tick)) this.#behind.add(open)
  }

  /**
   * Pushes nothing to a socket while something is found out for it, which `work` writes to it and notes what is missing
   * behind that. Resolves when it has all of that and all that happened meanwhile, or is gone.
   */
  async held(open: Session, ticks: () => number, work: () => Promise<void>): Promise<void> {
    while (open.outbox.isBehind) await this.live(open, ticks())
    if (open.outbox.hold(ticks())) this.#behind.add(open)
    open.catchingUp = true
    try {
      await work()
    } finally {
      open.catchingUp = false
      await this.live(open, ticks())
    }
  }

  /** Shows a socket what it missed. Resolves when it has all of it, or is gone. */
  async live(open: Session, tick: number): Promise<void> {
    await this.drained(open, tick)
    if (open.outbox.isBehind) await new Promise<void>(resolve => open.waiting.push(resolve))
  }

  /** The socket took something: it gets more of what it missed. */
  async drained(open: Session, tick: number): Promise<void> {
    const { context, fanout, observer, giveUp, onFault } = this.#options
    open.written()
    open.outbox.progressed(tick)
    if (!open.outbox.isBehind || open.catchingUp) return
    open.catchingUp = true
    const end = await catchUp(context, fanout, open).catch(onFault)
    open.catchingUp = false
    if (end === 'too_much') return giveUp(open)
    if (end !== 'live') return
    open.release()
    if (this.#behind.delete(open)) observer.slow(open.view.name, 'caught_up')
  }

  /** The socket is gone, or going. */
  forget(gone: Session): void {
    this.#behind.delete(gone)
    gone.release()
  }

  /** To be called every second: gives up those who take nothing at all. */
  tick(tick: number): void {
    for (const slow of this.#behind) {
      const { flow } = slow.outbox
      if (flow.state === 'behind' && tick - flow.sinceTick >= this.#options.stuckSeconds) this.#options.giveUp(slow)
    }
  }
}
