import type { Core } from '../core/core.ts'
import { type CoreEvent, isRoomEvent, type RoomEvent } from '../core/events.ts'
import type { RoomId, UserId } from '../core/ids.ts'
import type { View } from '../protocols/view.ts'
import { textFrame } from './frame.ts'
import { eventsAfter } from './log.ts'
import type { Pump } from './pump.ts'
import type { Registry } from './registry.ts'

/** Rooms whose position is remembered, those with the latest events: in these a lost publication is noticed by itself. */
const FOLLOWED_MAX = 1_000

/**
 * Brings events to sockets: each is encoded once for each view and framed once. Follows every room by seq, so that an
 * event that was committed but not published is read from the log before a later one passes.
 */
export class Fanout {
  readonly #core: Core
  readonly #registry: Registry
  readonly #pump: Pump
  readonly #onFault: (error: unknown) => void
  /** Last seq brought to sockets. */
  readonly #seen = new Map<RoomId, number>()
  /** Events that wait until those before them have been read from the log. */
  readonly #held = new Map<RoomId, RoomEvent[]>()

  constructor(core: Core, registry: Registry, pump: Pump, onFault: (error: unknown) => void) {
    this.#core = core
    this.#registry = registry
    this.#pump = pump
    this.#onFault = onFault
  }

  async start(): Promise<void> {
    const { lobby } = this.#core.context.store
    const [head] = await this.#core.context.store.heads([lobby])
    this.#seen.set(lobby, head ?? 0)
  }

  /** Last seq of a room that sockets were shown; 0 when the room is not followed. */
  seen(room: RoomId): number {
    return this.#seen.get(room) ?? 0
  }

  hear(events: readonly CoreEvent[]): void {
    for (const event of events) {
      if (isRoomEvent(event)) this.#hearDurable(event)
      else this.#show(event)
    }
    this.#pump.flush()
  }

  /** Compares every followed room with the store and reads what was committed and never published. */
  async sweep(): Promise<void> {
    const rooms = [...this.#seen.keys()]
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
    this.#follow(event.room.id, event.seq)
    this.#show(event)
  }

  #follow(room: RoomId, seq: number): void {
    this.#seen.delete(room)
    this.#seen.set(room, seq)
    if (this.#seen.size <= FOLLOWED_MAX) return
    for (const oldest of this.#seen.keys()) {
      if (oldest === this.#core.context.store.lobby) continue
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
        if (found.last > this.seen(room)) this.#follow(room, found.last)
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
        return this.#showInRoom(event)
      case 'typing.started':
        return event.to ? this.#showTo([event.to.id], event, 0) : this.#showInLobby(event, 0, event.user.id)
      case 'read.moved':
        return this.#showReceipts(event)
      case 'presence.changed':
      case 'user.created':
      case 'user.changed':
      case 'user.deleted':
      case 'credentials.revoked':
        return
      default:
        return event satisfies never
    }
  }

  #showInRoom(event: RoomEvent): void {
    const hidden = hiddenFrom(event)
    const { kind, pair } = event.room
    switch (kind) {
      case 'lobby':
        return this.#showInLobby(event, event.seq, hidden)
      case 'direct':
        return this.#showTo(new Set(pair?.filter(reader => reader !== hidden)), event, event.seq)
      case 'directory':
        return
      default:
        kind satisfies never
    }
  }

  #showInLobby(event: CoreEvent, seq: number, exclude: UserId | undefined): void {
    for (const channel of this.#registry.lobbies()) {
      if (channel.size === 0) continue
      const text = channel.view.encode(event)
      if (text !== null) this.#pump.push(channel, textFrame(text), seq, exclude)
    }
  }

  /** To each socket of these users, with the frame made once for each view. */
  #showTo(users: Iterable<UserId>, event: CoreEvent, seq: number): void {
    const frames = new Map<View, Buffer | null>()
    for (const user of users) {
      for (const session of this.#registry.of(user)) {
        const frame = frameFor(session.view, frames, view => view.encode(event))
        if (frame) this.#pump.pushEvent(session, frame, isRoomEvent(event) ? event.room.id : undefined, seq)
      }
    }
  }

  #showReceipts({ messages, reader, at }: CoreEvent & { type: 'read.moved' }): void {
    for (const { id, author } of messages) {
      const frames = new Map<View, Buffer | null>()
      for (const session of this.#registry.of(author)) {
        const frame = frameFor(session.view, frames, view => view.receipt(id, reader, at))
        if (frame) this.#pump.pushReceipt(session, frame)
      }
    }
  }
}

/** Who must not be shown the event: the sender of a text does not get it back, except a note to oneself. */
export function hiddenFrom(event: RoomEvent): UserId | undefined {
  const { pair } = event.room
  const toOneself = pair !== null && pair[0] === pair[1]
  return event.type === 'message.sent' && event.message.kind === 'text' && !toOneself ? event.sender.id : undefined
}

/** The frame of a view, encoded the first time it is asked for. */
function frameFor(view: View, frames: Map<View, Buffer | null>, encode: (view: View) => string | null): Buffer | null {
  const known = frames.get(view)
  if (known !== undefined) return known
  const text = encode(view)
  const frame = text === null ? null : textFrame(text)
  frames.set(view, frame)
  return frame
}
