import type { UserId } from '../core/ids.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Channel, Mark } from './channel.ts'
import type { Observer } from './observe.ts'
import type { Registry } from './registry.ts'
import type { Session } from './session.ts'

/** Gathers what a turn of the event loop has for the sockets and writes it at the end: one write a socket and channel. */
export class Pump {
  readonly #registry: Registry
  readonly #clock: Clock
  readonly #onBehind: (session: Session) => void
  readonly #observer: Observer
  #channels: Channel[] = []
  #sessions: Session[] = []
  #scheduled = false
  #flushes = 0
  /** When the oldest frame for a channel that is not written yet was pushed. */
  #pushedAt = 0
  tick = 0

  /** `onBehind` hears of each socket that stops being pushed to, because it reads too slowly. */
  constructor(registry: Registry, clock: Clock, observer: Observer, onBehind: (session: Session) => void) {
    this.#registry = registry
    this.#clock = clock
    this.#observer = observer
    this.#onBehind = onBehind
  }

  /** A frame for everyone in the channel but `exclude`. */
  push(channel: Channel, frame: Buffer, mark: Mark, exclude: UserId | undefined): void {
    if (this.#channels.length === 0) this.#pushedAt = this.#clock.monotonic()
    if (channel.push(frame, mark, exclude)) this.#channels.push(channel)
    this.#schedule()
  }

  /** An answer to a client's own frame, or a heartbeat. */
  reply(session: Session, frame: Buffer): void {
    if (session.outbox.push(frame)) this.#sessions.push(session)
    this.#schedule()
  }

  /** An event for one socket; a slow one gets a durable one from the log later, and no ephemeral one. */
  pushEvent(session: Session, frame: Buffer, mark: Mark): void {
    if (session.outbox.isOpen) {
      this.pushBefore(session)
      return this.reply(session, frame)
    }
    if (mark && session.outbox.miss(mark.log, mark.position - 1, this.tick)) this.#onBehind(session)
  }

  /** What its channels have gathered for a socket is shown before what comes next. */
  pushBefore(session: Session): void {
    for (const channel of this.#channels) for (const earlier of channel.takeAhead(session)) this.reply(session, earlier)
  }

  /** A receipt: written within the next turns, not at all to a slow reader. */
  pushReceipt(session: Session, frame: Buffer): void {
    if (session.outbox.pushReceipt(frame)) this.#sessions.push(session)
    this.#schedule()
  }

  /** Writes everything now instead of at the end of the turn. */
  flush(): void {
    const [channels, sessions] = [this.#channels, this.#sessions]
    this.#channels = []
    this.#sessions = []
    for (const session of sessions) {
      if (session.outbox.flush()) this.#sessions.push(session)
      session.written()
    }
    for (const channel of channels) {
      const written = channel.flush(++this.#flushes, this.tick, user => this.#registry.of(user), this.#onBehind)
      this.#observer.delivered(channel.view.name, written.frames, written.bytes)
    }
    if (channels.length > 0) this.#observer.lag(this.#clock.monotonic() - this.#pushedAt)
    if (this.#sessions.length > 0) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    this.flush()
  }
}
