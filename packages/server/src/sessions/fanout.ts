import type { Core } from '../core/core.ts'
import { type CoreEvent, isRoomEvent, type LogId, type RoomEvent, type RunEvent } from '../core/events.ts'
import type { RoomId, RunId, UserId } from '../core/ids.ts'
import { eventsAfter } from '../core/replay.ts'
import type { Room } from '../core/room.ts'
import type { User } from '../core/user.ts'
import type { View } from '../protocols/view.ts'
import type { Mark } from './channel.ts'
import { textFrame } from './frame.ts'
import type { Pump } from './pump.ts'
import type { Registry } from './registry.ts'
import { introduction, shownFrom } from './rooms.ts'
import type { Session } from './session.ts'
import { ShownRuns } from './shown-runs.ts'

/** Rooms nobody here is shown whose position is remembered all the same, those with the latest events. */
const FOLLOWED_MAX = 1_000
/** With more users here nobody is told unasked who comes and goes: that would be as many frames as users squared. */
const PRESENCE_USERS_MAX = 500
/** Rooms that one sweep compares with the store. */
const SWEPT_MAX = 2_000

/**
 * Brings events to sockets: each is encoded once for each view and framed once. Follows every room by seq, so that an
 * event that was committed but not published is read from the log before a later one passes.
 */
export class Fanout {
  /** Answers in progress, as far as sockets were shown them. */
  readonly runs: ShownRuns
  readonly #core: Core
  readonly #registry: Registry
  readonly #pump: Pump
  readonly #onFault: (error: unknown) => void
  /** Last seq brought to sockets. */
  readonly #seen = new Map<RoomId, number>()
  /** Events that wait until those before them have been read from the log. */
  readonly #held = new Map<RoomId, RoomEvent[]>()
  /** Rooms with durable events since they were asked for. */
  #touched = new Map<RoomId, Room>()
  #moves = 0
  #swept = 0

  constructor(core: Core, registry: Registry, pump: Pump, onFault: (error: unknown) => void) {
    this.#core = core
    this.#registry = registry
    this.runs = new ShownRuns(registry)
    this.#pump = pump
    this.#onFault = onFault
  }

  async start(): Promise<void> {
    const { lobby } = this.#core.context.store
    const [head] = await this.#core.context.store.heads([lobby])
    this.#seen.set(lobby, head ?? 0)
  }

  /** Last position of a log that sockets were shown; 0 when it is not followed. */
  seen(log: LogId): number {
    return this.#seen.get(log as RoomId) ?? this.runs.seen(log as RunId) // ids of both are uuids of their own
  }

  isFollowed(log: LogId): boolean {
    return this.#seen.has(log as RoomId) || this.runs.has(log as RunId) // as above
  }

  /** Up to where a socket has been shown a log that is followed. */
  position({ outbox: { flow } }: Session, log: LogId): number {
    return (flow.state === 'behind' ? flow.missed.get(log) : undefined) ?? this.seen(log)
  }

  /** How far a socket was shown each of these that is followed, if not further by its own account. */
  shownOf(session: Session, from: ReadonlyMap<LogId, number>): ReadonlyMap<LogId, number> {
    const followed = [...from].filter(([log]) => this.isFollowed(log))
    return new Map(followed.map(([log, asked]) => [log, Math.max(asked, this.position(session, log))]))
  }

  /** Takes a room up whose last seq is at least `head`, unless it is followed. */
  follow(room: RoomId, head: number): void {
    if (!this.#seen.has(room)) this.#move(room, head)
  }

  /** How many users went into rooms or out of them so far, and rooms of two or one began. */
  get moves(): number {
    return this.#moves
  }

  /** Rooms with durable events since the last call. */
  takeTouched(): ReadonlyMap<RoomId, Room> {
    const touched = this.#touched
    this.#touched = new Map()
    return touched
  }

  hear(events: readonly CoreEvent[]): void {
    for (const event of events) {
      if (isRoomEvent(event)) this.#hearDurable(event)
      else this.#show(event)
    }
    this.#pump.flush()
  }

  /** Compares followed rooms with the store, each within some sweeps, and reads what was committed and never published. */
  async sweep(): Promise<void> {
    const all = [...this.#seen.keys()]
    const from = this.#swept < all.length ? this.#swept : 0
    const rooms = all.slice(from, from + SWEPT_MAX)
    this.#swept = from + SWEPT_MAX
    const heads = await this.#core.context.store.heads(rooms)
    await Promise.all(rooms.map((room, i) => ((heads[i] ?? 0) > this.seen(room) ? this.#repair(room) : undefined)))
  }

  #hearDurable(event: RoomEvent): void {
    const { id } = event.room
    const seen = this.#seen.get(id)
    const held = this.#held.get(id)
    if (held) held.push(event)
    else if (seen !== undefined && event.seq > seen + 1) void this.#repair(id, event)
    else if (seen === undefined || event.seq > seen) this.#pass(event)
  }

  #pass(event: RoomEvent): void {
    this.#move(event.room.id, event.seq)
    this.#touched.set(event.room.id, event.room)
    this.#show(event)
  }

  #move(room: RoomId, seq: number): void {
    this.#seen.delete(room)
    this.#seen.set(room, seq)
    if (this.#seen.size <= FOLLOWED_MAX + this.#registry.rooms) return
    for (const oldest of this.#seen.keys()) {
      if (oldest === this.#core.context.store.lobby || this.#registry.channels(oldest).length > 0) continue
      this.#seen.delete(oldest)
      return
    }
  }

  /** Shows what the log has after the last seen event, then what was held meanwhile. */
  async #repair(room: RoomId, event?: RoomEvent): Promise<void> {
    if (this.#held.has(room)) return
    this.#held.set(room, event ? [event] : [])
    try {
      for (;;) {
        const seen = this.#seen.get(room)
        // Given up for busier rooms meanwhile: from its start on it would be shown all over again.
        if (seen === undefined) break
        const found = await eventsAfter(this.#core.context, room, seen)
        for (const { event } of found.entries) if (event.seq > this.seen(room)) this.#pass(event)
        if (found.last > this.seen(room)) this.#move(room, found.last)
        // A slow reader's position is compared with what was seen, so what was seen must have been written.
        this.#pump.flush()
        if (found.end) break
      }
    } catch (error) {
      // What was held is in the log as well: the next sweep brings it.
      this.#held.delete(room)
      return this.#onFault(error)
    }
    const held = this.#held.get(room) ?? []
    this.#held.delete(room)
    // Some of those may be missing too.
    for (const later of held) this.#hearDurable(later)
    this.#pump.flush()
  }

  #show(event: CoreEvent): void {
    switch (event.type) {
      case 'message.sent':
      case 'message.edited':
      case 'message.deleted':
      case 'room.changed':
      case 'run.ended':
      case 'file.added':
      case 'gone':
        return this.#showIn(event.room, event, markOf(event))
      case 'run.started':
        this.runs.begin(event)
        this.#track(event)
        return this.#showIn(event.room, event, markOf(event))
      case 'run.moved':
        return this.#showSteps(event)
      case 'member.joined':
        this.#moves++
        this.#admit(event.room, event.user, event)
        return this.#showIn(event.room, event, markOf(event))
      case 'member.left':
        this.#moves++
        this.#showIn(event.room, event, markOf(event))
        return this.#expel(event.room.id, this.#registry.of(event.user.id))
      case 'room.deleted':
        this.#showIn(event.room, event, markOf(event))
        return this.#close(event.room.id)
      case 'lobby.chosen':
        this.#moves++
        return this.#choose(event.user, event.isChosen)
      case 'typing.changed':
        if (event.to) return this.#showTo([event.to.id], event, null, event.in?.id ?? null)
        return event.in ? this.#showIn(event.in, event, null) : undefined
      case 'upload.progressed':
        return this.#showIn(event.in, event, null)
      case 'read.moved':
        return this.#showReceipts(event)
      case 'presence.changed':
        if (this.#registry.users > PRESENCE_USERS_MAX) return
        return this.#showIn(this.#core.context.directory.lobby, event, null)
      case 'user.created':
      case 'user.changed':
      case 'user.deleted':
      case 'credentials.revoked':
        return
      default:
        return event satisfies never
    }
  }

  #showSteps(event: RunEvent): void {
    const { run, of: room, steps } = event
    const [first] = steps
    const last = steps.at(-1)
    if (!first || !last) return
    this.#showIn(room, event, { log: run.id, position: first.n })
    this.runs.move(event)
  }

  /** To everyone who is shown the room. */
  #showIn(room: Room, event: CoreEvent, mark: Mark): void {
    switch (room.kind) {
      case 'lobby':
        this.#showInChannels(room.id, event, mark)
        return this.#answerInLobby(event, mark)
      case 'private':
      case 'shared':
      case 'group':
        return this.#showInChannels(room.id, event, mark)
      case 'direct':
        this.#introduce(room.pair ?? [], event)
        return this.#showTo(new Set(room.pair), event, mark, room.id)
      case 'conversation':
        if (!room.owner) return
        this.#introduce([room.owner], event)
        return this.#showTo([room.owner], event, mark, room.id)
      case 'directory':
        return
      default:
        room.kind satisfies never
    }
  }

  #showInChannels(room: RoomId, event: CoreEvent, mark: Mark): void {
    for (const channel of this.#registry.channels(room)) {
      const { view } = channel
      const hidden = view.hides(event)
      if (event.type === 'run.moved' && view.encodeSteps) {
        for (const step of steps(view.encodeSteps(event), event))
          this.#pump.push(channel, step.frame, step.mark, hidden)
        continue
      }
      const frame = framed(view.encode(event))
      if (frame) this.#pump.push(channel, frame, mark, hidden)
      // Who asked and is out of the room by now is told nothing more.
      const asking = (hidden ? this.runs.asking(event, hidden, view) : []).filter(({ channels }) => channels.has(room))
      if (asking.length === 0) continue
      const own = framed(view.encodeForAsker?.(event) ?? null) ?? frame
      if (own) for (const session of asking) this.#pump.pushEvent(session, own, mark)
    }
  }

  /** In the lobby is who asks there, whether their client wants to see it or not: it sees the answer to its own question. */
  #answerInLobby(event: CoreEvent, mark: Mark): void {
    const asker = 'run' in event ? event.run?.asker : undefined
    const session = asker && this.#registry.find(asker, 'via' in event ? event.via : undefined)
    if (!session || session.channels.has(this.#core.context.store.lobby)) return
    const { view } = session
    if (view.hides(event) !== asker) return
    const frame = framed(view.encodeForAsker?.(event) ?? view.encode(event))
    if (frame) this.#pump.pushEvent(session, frame, mark)
  }

  /** To each socket of these users, with the frame made once for each view. */
  #showTo(users: Iterable<UserId>, event: CoreEvent, mark: Mark, room: RoomId | null): void {
    const [frames, own] = [new Map<View, Buffer | null>(), new Map<View, Buffer | null>()]
    for (const user of users) {
      for (const session of this.#registry.of(user)) {
        const { view } = session
        if (!session.isShown || (session.only !== null && session.only !== room)) continue
        if (event.type === 'run.moved' && view.encodeSteps) {
          for (const { frame, mark } of steps(view.encodeSteps(event), event))
            this.#pump.pushEvent(session, frame, mark)
          continue
        }
        const isHidden = view.hides(event) === user
        if (isHidden && !this.runs.asking(event, user, view).includes(session)) continue
        const special = isHidden ? frameFor(view, own, () => view.encodeForAsker?.(event) ?? null) : null
        const frame = special ?? frameFor(view, frames, () => view.encode(event))
        if (frame) this.#pump.pushEvent(session, frame, mark)
      }
    }
  }

  /** A client that was told of a run in a conversation is told of its end even if it comes back only later. */
  #track(event: RoomEvent & { type: 'run.started' }): void {
    if (event.room.kind !== 'conversation') return
    this.#registry.find(event.asker.id, event.via)?.heard?.note(event.room.id, event.seq)
  }

  #admit(room: Room, user: User, event: RoomEvent): void {
    for (const session of this.#registry.of(user.id)) {
      if (!shownFrom(session, room, true)) continue
      this.#registry.join(session, room.id)
      this.#tellOfRoom(session, event)
    }
  }

  /** Tells those to whom a room without a channel becomes known by its first event. */
  #introduce(users: readonly UserId[], event: CoreEvent): void {
    if (!isRoomEvent(event) || event.seq !== 1) return
    this.#moves++
    for (const user of new Set(users)) {
      for (const session of this.#registry.of(user)) if (session.isShown) this.#tellOfRoom(session, event)
    }
  }

  #tellOfRoom(session: Session, event: RoomEvent): void {
    for (const text of introduction(session, event)) this.#pump.pushEvent(session, textFrame(text), null)
  }

  #expel(room: RoomId, sessions: readonly Session[]): void {
    for (const session of sessions) {
      this.#pump.pushBefore(session)
      this.#registry.leave(session, room)
      session.outbox.forget(room)
      for (const run of this.runs.in(room)) session.outbox.forget(run)
    }
  }

  #close(room: RoomId): void {
    for (const { members } of this.#registry.channels(room)) this.#expel(room, [...members])
    this.#seen.delete(room)
  }

  #choose(user: User, isChosen: boolean): void {
    const { lobby } = this.#core.context.directory
    for (const session of this.#registry.of(user.id)) {
      if (shownFrom(session, lobby, isChosen)) this.#registry.join(session, lobby.id)
      else this.#expel(lobby.id, [session])
    }
  }

  #showReceipts(event: CoreEvent & { type: 'read.moved' }): void {
    const byAuthor = Map.groupBy(event.messages, ({ author }) => author)
    for (const [author, messages] of byAuthor) {
      const frames = new Map<View, readonly Buffer[]>()
      for (const session of this.#registry.of(author)) {
        const { view } = session
        if (!session.isShown || !view.shows(event.in, true)) continue
        const known = frames.get(view) ?? view.receipts(event, messages).map(textFrame)
        frames.set(view, known)
        for (const frame of known) this.#pump.pushReceipt(session, frame)
      }
    }
    const isAway = !this.#registry.of(event.reader.id).some(({ view, isShown }) => isShown && view.readState)
    if (!isAway) this.#showReadState(event).catch(this.#onFault)
  }

  /** To the reader's other devices. */
  async #showReadState({ in: room, reader }: CoreEvent & { type: 'read.moved' }): Promise<void> {
    const listed = await this.#core.context.store.listedRoom(reader.id, room.id)
    if (!listed) return
    for (const session of this.#registry.of(reader.id)) {
      const text = session.isShown ? session.view.readState?.(room, listed.readTo, listed.unread) : undefined
      if (text !== undefined) this.#pump.pushEvent(session, textFrame(text), null)
    }
  }
}

const markOf = (event: RoomEvent): Mark => ({ log: event.room.id, position: event.seq })

/** Frames of steps, each with its place in the log of the run. */
const steps = (texts: readonly string[], { run, steps: [first] }: RunEvent) =>
  texts.map((text, i) => ({ frame: textFrame(text), mark: { log: run.id, position: (first?.n ?? 1) + i } }))

const framed = (text: string | null): Buffer | null => (text === null ? null : textFrame(text))

/** The frame of a view, encoded the first time it is asked for. */
function frameFor(view: View, frames: Map<View, Buffer | null>, encode: () => string | null): Buffer | null {
  const known = frames.get(view)
  if (known !== undefined) return known
  const frame = framed(encode())
  frames.set(view, frame)
  return frame
}
