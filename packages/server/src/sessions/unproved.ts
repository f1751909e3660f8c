import type { Session } from './session.ts'

/** Seconds that somebody has to say who they are. */
const TIME = 30

/** Sockets of people who may do nothing before they say who they are. */
export class Unproved {
  /** In the order they began to wait. */
  readonly #since = new Map<Session, number>()

  add(session: Session, tick: number): void {
    this.#since.set(session, tick)
  }

  delete(session: Session): void {
    this.#since.delete(session)
  }

  /** To be called every second: `end` hears once of those whose time is over. */
  tick(tick: number, end: (session: Session) => void): void {
    for (const [session, since] of this.#since) {
      if (tick - since < TIME) return
      this.#since.delete(session)
      end(session)
    }
  }
}
