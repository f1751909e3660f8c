import type { ConnectionId } from '../core/events.ts'
import type { RoomId, UserId } from '../core/ids.ts'
import type { SignedIn } from '../core/user.ts'
import type { View } from '../protocols/view.ts'
import { Channel } from './channel.ts'
import type { Session } from './session.ts'

const NONE: readonly Session[] = []
const NO_CHANNELS: readonly Channel[] = []

/** The open sockets of this node: by user, and by the rooms they are shown along with others. */
export class Registry {
  readonly #sessions = new Set<Session>()
  readonly #users = new Map<UserId, Session[]>()
  /** For each room that somebody is shown, a channel for each view of theirs. */
  readonly #rooms = new Map<RoomId, Channel[]>()
  readonly #views = new Map<View, number>()

  get size(): number {
    return this.#sessions.size
  }

  get users(): number {
    return this.#users.size
  }

  /** Rooms that some socket is shown. */
  get rooms(): number {
    return this.#rooms.size
  }

  all(): Iterable<Session> {
    return this.#sessions
  }

  /** Sockets of a user. */
  of(user: UserId): readonly Session[] {
    return this.#users.get(user) ?? NONE
  }

  /** How many sockets a view has. */
  countOf(view: View): number {
    return this.#views.get(view) ?? 0
  }

  /** A user's socket by its id. */
  find(user: UserId, id: ConnectionId | undefined): Session | undefined {
    return id === undefined ? undefined : this.of(user).find(session => session.id === id)
  }

  /** The channels of a room: one for each view in which somebody is shown it. */
  channels(room: RoomId): readonly Channel[] {
    return this.#rooms.get(room) ?? NO_CHANNELS
  }

  add(session: Session): void {
    this.#sessions.add(session)
    this.#index(session)
    this.#views.set(session.view, this.countOf(session.view) + 1)
  }

  remove(session: Session): void {
    if (!this.#sessions.delete(session)) return
    this.#unindex(session)
    this.#views.set(session.view, this.countOf(session.view) - 1)
    for (const room of session.channels.keys()) this.leave(session, room)
  }

  /** Gives a socket to somebody else. */
  move(session: Session, actor: SignedIn): void {
    this.#unindex(session)
    session.actor = actor
    this.#index(session)
  }

  #index(session: Session): void {
    const own = this.#users.get(session.userId)
    if (own) own.push(session)
    else this.#users.set(session.userId, [session])
  }

  #unindex(session: Session): void {
    const rest = this.of(session.userId).filter(other => other !== session)
    if (rest.length > 0) this.#users.set(session.userId, rest)
    else this.#users.delete(session.userId)
  }

  has(session: Session): boolean {
    return this.#sessions.has(session)
  }

  /** Shows a socket a room from now on. */
  join(session: Session, room: RoomId): void {
    if (session.channels.has(room)) return
    const channels = this.#rooms.get(room) ?? []
    if (channels.length === 0) this.#rooms.set(room, channels)
    const known = channels.find(({ view }) => view === session.view)
    const channel = known ?? new Channel(session.view, room)
    if (!known) channels.push(channel)
    channel.join(session)
    session.channels.set(room, channel)
  }

  /** Shows a socket a room no longer, also not what this turn has gathered for it. */
  leave(session: Session, room: RoomId): void {
    const channel = session.channels.get(room)
    if (!channel) return
    session.channels.delete(room)
    channel.leave(session)
    if (channel.size > 0) return
    const rest = this.channels(room).filter(other => other !== channel)
    if (rest.length > 0) this.#rooms.set(room, rest)
    else this.#rooms.delete(room)
  }
}
