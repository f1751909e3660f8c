import type { Context } from '../core/context.ts'
import type { Session } from './session.ts'

/** Seconds that somebody has to say who they are. */
const PROOF_TIME = 30

/** Tells the core whose connections come and go, and watches over those that are nobody's yet. */
export class Attendance {
  readonly #context: Context
  /** Connections that may only say whose they are, and since when, in that order. */
  readonly #unproved = new Map<Session, number>()

  constructor(context: Context) {
    this.#context = context
  }

  arrive(open: Session, tick: number): void {
    const { presence, guests } = this.#context
    const { user, credential } = open.actor
    if (credential.by !== 'guest') {
      if (presence.enter(user.id)) this.#tell(open)
      return
    }
    guests.enter(user.id, open.visitor.address, credential.mayTalk)
    if (!credential.mayTalk) this.#unproved.set(open, tick)
  }

  /** `isClean` for a connection that was not merely lost. */
  depart(gone: Session, isClean: boolean): void {
    const { presence, guests, clock, typing } = this.#context
    const { user, credential } = gone.actor
    this.#unproved.delete(gone)
    if (credential.by === 'guest') return guests.leave(user.id, gone.visitor.address, credential.mayTalk)
    if (presence.leave(user.id, isClean, clock.monotonic())) this.#tell(gone)
    if (!presence.isOnline(user.id)) typing.stop(user.id)
  }

  /** To be called every second: `end` hears once of those who did not say who they are. */
  tick(tick: number, end: (session: Session) => void): void {
    for (const [session, since] of this.#unproved) {
      if (tick - since < PROOF_TIME) return
      this.#unproved.delete(session)
      end(session)
    }
  }

  #tell({ actor: { user } }: Session): void {
    const { presence, emit } = this.#context
    emit({ type: 'presence.changed', user, ...presence.shown(user.id) })
  }
}
