import type { Session } from './session.ts'

/** A wheel with a slot for each second of the interval: every socket is looked at once an interval, at no cost between. */
export class Heartbeat {
  readonly #slots: Set<Session>[]

  constructor(intervalSeconds: number) {
    this.#slots = Array.from({ length: intervalSeconds }, () => new Set())
  }

  /** Its turn comes the first time one interval after its `slot`. */
  add(session: Session): void {
    this.#slot(session.slot)?.add(session)
  }

  remove(session: Session): void {
    this.#slot(session.slot)?.delete(session)
  }

  /** Looks at the sockets whose turn it is. */
  turn(tick: number, look: (session: Session) => void): void {
    for (const session of this.#slot(tick) ?? []) if (tick > session.slot) look(session)
  }

  #slot(tick: number): Set<Session> | undefined {
    return this.#slots[tick % this.#slots.length]
  }
}
