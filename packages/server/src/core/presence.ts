import type { UserId } from './ids.ts'

/** Who has at least one open socket here. */
export class Presence {
  readonly #sockets = new Map<UserId, number>()

  /** One more socket. True when the user came online by it. */
  enter(user: UserId): boolean {
    const sockets = this.#sockets.get(user) ?? 0
    this.#sockets.set(user, sockets + 1)
    return sockets === 0
  }

  /** One socket less. True when the user went offline by it. */
  leave(user: UserId): boolean {
    const sockets = this.#sockets.get(user) ?? 0
    if (sockets > 1) this.#sockets.set(user, sockets - 1)
    else this.#sockets.delete(user)
    return sockets === 1
  }

  isOnline(user: UserId): boolean {
    return this.#sockets.has(user)
  }

  online(): readonly UserId[] {
    return [...this.#sockets.keys()]
  }
}
