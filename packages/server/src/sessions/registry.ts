import type { RoomId, UserId } from '../core/ids.ts'
import type { View } from '../protocols/view.ts'
import { Channel } from './channel.ts'
import type { Session } from './session.ts'

const NONE: readonly Session[] = []

/** The open sockets of this node: by user, and by what they are shown. */
export class Registry {
  readonly #sessions = new Set<Session>()
  readonly #users = new Map<UserId, Session[]>()
  readonly #lobbies: readonly Channel[]

  constructor(views: readonly View[], lobby: RoomId) {
    this.#lobbies = views.map(view => new Channel(view, lobby))
  }

  get size(): number {
    return this.#sessions.size
  }

  get users(): number {
    return this.#users.size
  }

  all(): Iterable<Session> {
    return this.#sessions
  }

  /** Sockets of a user. */
  of(user: UserId): readonly Session[] {
    return this.#users.get(user) ?? NONE
  }

  /** For each view, the channel of everyone who is shown the lobby in it. */
  lobbies(): readonly Channel[] {
    return this.#lobbies
  }

  add(session: Session): void {
    this.#sessions.add(session)
    const own = this.#users.get(session.userId)
    if (own) own.push(session)
    else this.#users.set(session.userId, [session])
    this.#lobby(session.view)?.join(session)
  }

  remove(session: Session): void {
    if (!this.#sessions.delete(session)) return
    const rest = this.of(session.userId).filter(other => other !== session)
    if (rest.length > 0) this.#users.set(session.userId, rest)
    else this.#users.delete(session.userId)
    this.#lobby(session.view)?.leave(session)
  }

  has(session: Session): boolean {
    return this.#sessions.has(session)
  }

  #lobby(view: View): Channel | undefined {
    return this.#lobbies.find(lobby => lobby.view === view)
  }
}
