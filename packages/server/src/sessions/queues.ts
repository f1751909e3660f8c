import type { Core } from '../core/core.ts'
import type { LogId } from '../core/events.ts'
import type { RoomId } from '../core/ids.ts'
import type { OpenRoom } from '../core/ports/store.ts'
import type { Room } from '../core/room.ts'
import type { Fanout } from './fanout.ts'
import { pingFrame, textFrame } from './frame.ts'
import { Heard } from './heard.ts'
import type { Pump } from './pump.ts'
import type { Registry } from './registry.ts'
import { type Queue, queueFor } from './rooms.ts'
import type { Session } from './session.ts'

const NOTHING: Queue = { from: new Map(), missed: [] }

/** What waits for clients that keep no position themselves: how far each has come is asked by pings and kept in the store. */
export class Queues {
  readonly #core: Core
  readonly #registry: Registry
  readonly #fanout: Fanout
  readonly #pump: Pump
  readonly #onFault: (error: unknown) => void

  constructor(core: Core, registry: Registry, fanout: Fanout, pump: Pump, onFault: (error: unknown) => void) {
    this.#core = core
    this.#registry = registry
    this.#fanout = fanout
    this.#pump = pump
    this.#onFault = onFault
  }

  /** From where on a connection that just opened is shown its rooms. What waited too long it is told of first. */
  async open(opened: Session, rooms: readonly OpenRoom[]): Promise<ReadonlyMap<LogId, number>> {
    const { view, userId } = opened
    opened.heard = new Heard()
    // Whatever happened, another connection of the user's was shown it.
    const isAlone = !this.#registry.of(userId).some(other => other !== opened && other.view === view)
    const { from, missed } = isAlone ? await queueFor(this.#core.context, view, opened, rooms) : NOTHING
    for (const { room, count } of missed) {
      const text = view.missed?.(room, count)
      if (text !== undefined) this.#pump.reply(opened, textFrame(text))
    }
    // What it is shown from the log is written at once, and comes after that.
    this.#pump.flush()
    return from
  }

  /** Asks whether everything that was shown has arrived, and whether anybody is there. */
  ask(open: Session): void {
    this.#ping(open, new Map([...open.channels.keys()].map(room => [room, this.#positionOf(open, room)])))
  }

  /** To be called every second: asks those who were shown something since. */
  tick(): void {
    const due = new Map<Session, Map<RoomId, number>>()
    for (const room of this.#fanout.takeTouched().values()) {
      for (const open of this.#shown(room)) {
        if (!open.heard) continue
        const positions = due.get(open) ?? new Map()
        due.set(open, positions.set(room.id, this.#positionOf(open, room.id)))
      }
    }
    for (const [open, positions] of due) this.#ping(open, positions)
  }

  /** To be called with each heartbeat. */
  beat(alive: Session): void {
    // The answer is the only sign of life of a client that has nothing to say.
    if (alive.view.catchUp !== 'none') this.ask(alive)
    this.store(alive)
  }

  /** Stores how far a client has come. */
  store({ heard, actor }: Session): void {
    const rooms = heard?.take() ?? []
    if (rooms.length > 0) this.#core.execute(actor, { type: 'member.heard', rooms }).catch(this.#onFault)
  }

  #shown(room: Room): Iterable<Session> {
    if (room.kind === 'conversation' && room.owner) return this.#registry.of(room.owner)
    return this.#registry.channels(room.id).flatMap(({ members }) => members)
  }

  #ping(open: Session, positions: ReadonlyMap<RoomId, number>): void {
    // A socket that is behind gets it with a heartbeat once it has caught up.
    if (open.outbox.isOpen) this.#pump.pushEvent(open, pingFrame(open.heard?.ping(positions) ?? ''), null)
  }

  #positionOf({ outbox: { flow } }: Session, room: RoomId): number {
    return (flow.state === 'behind' ? flow.missed.get(room) : undefined) ?? this.#fanout.seen(room)
  }
}
