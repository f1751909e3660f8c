import type { Session } from './session.ts'

/** A wheel with a slot for each second of the interval: every socket is looked at once an interval, at no cost between. */
export class Heartbeat {
  readonly #slots: Set<Session>[]
  readonly #staleTicks: number

  constructor(intervalSeconds: number, staleSeconds: number) {
    this.#slots = Array.from({ length: intervalSeconds }, () => new Set())
    this.#staleTicks = staleSeconds
  }

  /** The first heartbeat comes one interval after `tick`. */
  add(session: Session, tick: number): void {
    this.#slot(tick)?.add(session)
    session.slot = tick
  }

  remove(session: Session): void {
    this.#slot(session.slot)?.delete(session)
  }

  /** Sockets whose turn it is: `alive` for those heard of lately, `stale` for the others. */
  turn(tick: number, alive: (session: Session) => void, stale: (session: Session) => void): void {
    for (const session of this.#slot(tick) ?? []) {
      if (tick - session.lastSeen >= this.#staleTicks) stale(session)
      else if (tick > session.slot) alive(session)
    }
  }

  #slot(tick: number): Set<Session> | undefined {
    return this.#slots[tick % this.#slots.length]
  }
}
