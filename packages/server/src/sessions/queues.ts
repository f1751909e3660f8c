import type { Core } from '../core/core.ts'
import type { LogId } from '../core/events.ts'
import type { RoomId, UserId } from '../core/ids.ts'
import type { OpenRoom } from '../core/ports/store.ts'
import type { Room } from '../core/room.ts'
import { Turns } from '../core/turns.ts'
import type { Fanout } from './fanout.ts'
import { pingFrame, textFrame } from './frame.ts'
import { Heard } from './heard.ts'
import type { Pump } from './pump.ts'
import type { Registry } from './registry.ts'
import { queueFor } from './rooms.ts'
import type { Session } from './session.ts'

type Positions = ReadonlyMap<RoomId, number>

const NOWHERE: Positions = new Map()
/** Seconds that a connection has for an answer when somebody else's depends on it. */
const ANSWER_MAX = 3

/** What waits for clients that keep no position themselves: how far each has come is asked by pings and kept in the store. */
export class Queues {
  readonly #core: Core
  readonly #registry: Registry
  readonly #fanout: Fanout
  readonly #pump: Pump
  readonly #onFault: (error: unknown) => void
  readonly #turns = new Turns<UserId>()
  /** Whoever waits for an answer, by the tick at which they no longer do. */
  readonly #silences: { readonly until: number; end(): void }[] = []

  constructor(core: Core, registry: Registry, fanout: Fanout, pump: Pump, onFault: (error: unknown) => void) {
    this.#core = core
    this.#registry = registry
    this.#fanout = fanout
    this.#pump = pump
    this.#onFault = onFault
  }

  /** Connections of one user are opened one after the other, so that each finds out what the others are shown. */
  inTurn(user: UserId, open: () => Promise<void>): Promise<void> {
    return this.#turns.take(user, open)
  }

  /** From where on a connection that just opened is shown its rooms. What waited too long it is told of first. */
  async open(opened: Session, roomsOf: () => Promise<readonly OpenRoom[]>): Promise<ReadonlyMap<LogId, number>> {
    const { view } = opened
    opened.heard = new Heard()
    const others = await this.#othersGot(opened)
    const { from, missed } = others
      ? { from: others, missed: [] }
      : await queueFor(this.#core.context, view, opened, await roomsOf())
    for (const { room, count } of missed) {
      const text = view.missed?.(room, count)
      if (text !== undefined) this.#pump.reply(opened, textFrame(text))
    }
    // What it is shown from the log is written at once, and comes after that.
    this.#pump.flush()
    return from
  }

  /**
   * Up to where some other connection of the user's got everything; undefined where there is none. One that does not answer is
   * dead, though nobody said so, as after the loss of a network: it is dropped, and what it did not get is for the new one.
   */
  async #othersGot(opened: Session): Promise<Positions | undefined> {
    const { view, userId } = opened
    const others = this.#registry.of(userId).filter(other => other !== opened && other.heard && other.view === view)
    if (others.length === 0) return undefined
    const { tick } = this.#pump
    const { promise, resolve } = Promise.withResolvers<Positions | undefined>()
    for (const other of others) this.#gotBy(other).then(resolve, this.#onFault)
    // Of a slow one that takes something at all the answer comes later than that.
    const isSlow = () => others.some(({ outbox }) => outbox.progressedAt > tick)
    this.#silences.push({ until: tick + ANSWER_MAX, end: () => resolve(isSlow() ? NOWHERE : undefined) })
    // Of those who are gone by now none answers any more.
    const look = () => others.some(other => this.#registry.has(other)) || resolve(undefined)
    for (const other of others) other.waiting.push(look)
    const got = await promise
    if (!got) await Promise.all(others.map(other => this.#drop(other)))
    return got
  }

  /** Up to where a connection has got everything, once it says so. */
  async #gotBy(open: Session): Promise<Positions> {
    let positions = this.#positionsOf(open)
    while (!this.#ping(open, positions)) {
      await new Promise<void>(resolve => open.waiting.push(resolve))
      positions = this.#positionsOf(open)
    }
    await open.heard?.answered()
    return positions
  }

  /** What it is known to have got is stored then. */
  async #drop(dead: Session): Promise<void> {
    await this.store(dead)
    if (!this.#registry.has(dead)) return
    const gone = new Promise<void>(resolve => dead.waiting.push(resolve))
    dead.terminate()
    await gone
  }

  /** Asks whether everything that was shown has arrived, and whether anybody is there. */
  ask(open: Session): void {
    this.#ping(open, this.#positionsOf(open))
  }

  /** To be called every second: asks those who were shown something since, and waits no longer for some. */
  tick(): void {
    while ((this.#silences[0]?.until ?? Number.POSITIVE_INFINITY) <= this.#pump.tick) this.#silences.shift()?.end()
    const due = new Map<Session, Map<RoomId, number>>()
    for (const room of this.#fanout.takeTouched().values()) {
      for (const open of this.#shown(room)) {
        if (!open.heard) continue
        const positions = due.get(open) ?? new Map()
        due.set(open, positions.set(room.id, this.#fanout.position(open, room.id)))
      }
    }
    for (const [open, positions] of due) this.#ping(open, positions)
  }

  /** To be called with each heartbeat. */
  beat(alive: Session): void {
    // The answer is the only sign of life of a client that has nothing to say.
    if (alive.view.catchUp !== 'none') this.ask(alive)
    void this.store(alive)
  }

  /** Stores how far a client has come. */
  async store({ heard, actor }: Session): Promise<void> {
    const rooms = heard?.take() ?? []
    if (rooms.length > 0) await this.#core.execute(actor, { type: 'member.heard', rooms }).catch(this.#onFault)
  }

  #shown(room: Room): Iterable<Session> {
    if (room.kind === 'conversation' && room.owner) return this.#registry.of(room.owner)
    return this.#registry.channels(room.id).flatMap(({ members }) => members)
  }

  #positionsOf(open: Session): Positions {
    return new Map([...open.channels.keys()].map(room => [room, this.#fanout.position(open, room)]))
  }

  /** False where more waits for the socket than should. */
  #ping(open: Session, positions: Positions): boolean {
    // A socket that is behind gets it with a heartbeat once it has caught up.
    if (!open.outbox.isOpen) return false
    this.#pump.pushEvent(open, pingFrame(open.heard?.ping(positions) ?? ''), null)
    return true
  }
}
