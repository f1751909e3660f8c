import type { ResumePlan } from '../core/commands/resuming.ts'
import type { Context } from '../core/context.ts'
import type { LogId } from '../core/events.ts'
import type { RoomId } from '../core/ids.ts'
import type { OpenRoom } from '../core/ports/store.ts'
import type { Restored, Resumed, ShownSteps } from '../protocols/view.ts'
import type { Fanout } from './fanout.ts'
import type { Pump } from './pump.ts'
import type { Queues } from './queues.ts'
import type { Registry } from './registry.ts'
import { shownFrom, stableRooms, unmoved } from './rooms.ts'
import type { Session } from './session.ts'
import type { Stragglers } from './stragglers.ts'

export interface EnteringPorts {
  readonly context: Context
  readonly registry: Registry
  readonly fanout: Fanout
  readonly pump: Pump
  readonly queues: Queues
  readonly stragglers: Stragglers
  readonly reply: (to: Session, text: string) => void
}

/** The ways in which a socket begins to be shown what happens: from where on is what they differ in. */
export class Entering {
  readonly #ports: EnteringPorts

  constructor(ports: EnteringPorts) {
    this.#ports = ports
  }

  /** From where the user's clients were shown everything, with what waited since. */
  async fromQueue(opened: Session): Promise<void> {
    const { queues, registry, stragglers } = this.#ports
    await queues.inTurn(opened.userId, async () => {
      const from = await queues.open(opened, () => this.#roomsOf(opened))
      const rooms = await this.#roomsOf(opened)
      if (registry.has(opened)) this.#enter(opened, rooms, from)
    })
    await stragglers.live(opened, this.#tick)
    queues.ask(opened)
  }

  /** From where the client says that it is; see `Connection.resume`. */
  async resume(open: Session, ask: () => Promise<ResumePlan>, answer: (resumed: Resumed) => string): Promise<void> {
    const { registry, fanout, stragglers, reply } = this.#ports
    const plan = await unmoved(() => fanout.moves, ask)
    const { own, from } = plan
    if (!registry.has(open)) return
    // Where the client says it goes on, whatever it was written before.
    for (const log of from.keys()) open.outbox.forget(log)
    this.#enter(open, own, from)
    await stragglers.live(open, this.#tick)
    // In one turn: what happened in between would come before an answer that does not know of it.
    const rooms = plan.rooms.filter(({ id, room }) => room || !open.channels.has(id)) // what became theirs meanwhile was told
    reply(open, answer({ plan: { ...plan, rooms }, shown: fanout.shownOf(open, from) }))
  }

  /** From now on, one room alone; see `Connection.attach`. */
  attach(open: Session, room: RoomId, seq: number): void {
    open.only = room
    open.isShown = true
    this.#ports.fanout.follow(room, seq)
  }

  /** From what an answer tells; see `Connection.restore`. */
  async restore(open: Session, make: (shown: ShownSteps) => Promise<Restored>): Promise<void> {
    const { stragglers } = this.#ports
    // What happens while it is read comes behind it, or is in it: before it, it would be lost on who starts from it.
    await stragglers.held(
      open,
      () => this.#tick,
      () => this.#tell(open, make),
    )
  }

  async #tell(open: Session, make: (shown: ShownSteps) => Promise<Restored>): Promise<void> {
    const { registry, fanout, stragglers, pump, reply } = this.#ports
    const { runs } = fanout
    const { frames, from, told } = await make(run => (runs.has(run) ? runs.seen(run) : null))
    if (!registry.has(open)) return
    for (const text of frames) reply(open, text)
    pump.flush()
    for (const log of told) open.outbox.forget(log)
    for (const [log, position] of from) {
      open.outbox.forget(log)
      // Of a run that is over meanwhile nothing will be pushed any more.
      const isAll = fanout.isFollowed(log) && position >= fanout.seen(log)
      if (!isAll) stragglers.miss(open, log, position, this.#tick)
    }
  }

  /** Shows a socket its rooms: those named from a position on, the others from now on. */
  #enter(open: Session, rooms: readonly OpenRoom[], from: ReadonlyMap<LogId, number>): void {
    const { registry, fanout, stragglers } = this.#ports
    open.isShown = true
    for (const { room, seq, isChosen } of rooms) {
      fanout.follow(room.id, seq)
      if (shownFrom(open, room, isChosen)) registry.join(open, room.id)
      const position = from.get(room.id) ?? seq
      if (position < fanout.seen(room.id)) stragglers.miss(open, room.id, position, this.#tick)
    }
    for (const [run] of fanout.runs.of(open)) {
      if (!from.has(run)) stragglers.miss(open, run, 0, this.#tick)
    }
    const known = new Set<LogId>(rooms.map(({ room }) => room.id))
    for (const [log, position] of from) if (!known.has(log)) stragglers.miss(open, log, position, this.#tick)
  }

  #roomsOf(open: Session): Promise<readonly OpenRoom[]> {
    return stableRooms(this.#ports.context, open, () => this.#ports.fanout.moves)
  }

  get #tick(): number {
    return this.#ports.pump.tick
  }
}
