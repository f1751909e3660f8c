import type { UserId } from './ids.ts'

export type PresenceStatus = 'online' | 'away' | 'offline'

/** What a user shows of their presence. */
export interface Shown {
  readonly status: PresenceStatus
  /** What they wrote about it, at most PRESENCE_TEXT_MAX code points; null for nothing. */
  readonly text: string | null
}

export const PRESENCE_TEXT_MAX = 100

/** How long a user whose connection broke is still shown as before, in milliseconds. */
const GRACE = 30_000

interface State {
  sockets: number
  status: 'online' | 'away'
  text: string | null
  /** When a user without sockets is shown as offline. */
  until: number
}

const OFFLINE: Shown = { status: 'offline', text: null }

/** Who is here on this node. A broken connection counts for a while longer, one that was closed properly doesn't. */
export class Presence {
  readonly #users = new Map<UserId, State>()

  /** One more socket. True when the user is shown as here by it. */
  enter(user: UserId): boolean {
    const state = this.#users.get(user)
    if (state) state.sockets++
    else this.#users.set(user, { sockets: 1, status: 'online', text: null, until: 0 })
    return !state
  }

  /** One socket less, at `now` of the monotonic clock. True when the user is shown as offline by it. */
  leave(user: UserId, isClean: boolean, now: number): boolean {
    const state = this.#users.get(user)
    if (!state || --state.sockets > 0) return false
    state.until = now + GRACE
    return isClean && this.#users.delete(user)
  }

  /** Users whose time after a broken connection is over: they are offline from now on. */
  expire(now: number): readonly UserId[] {
    const gone: UserId[] = []
    for (const [user, { sockets, until }] of this.#users) if (sockets === 0 && now >= until) gone.push(user)
    for (const user of gone) this.#users.delete(user)
    return gone
  }

  /** What the user wants to be shown as. False without a socket. */
  set(user: UserId, status: 'online' | 'away', text: string | null): boolean {
    const state = this.#users.get(user)
    if (!state || state.sockets === 0) return false
    state.status = status
    state.text = text
    return true
  }

  shown(user: UserId): Shown {
    const state = this.#users.get(user)
    return state ? { status: state.status, text: state.text } : OFFLINE
  }

  /** Whether the user has an open socket. */
  isOnline(user: UserId): boolean {
    return (this.#users.get(user)?.sockets ?? 0) > 0
  }

  /** Users with an open socket. */
  online(): readonly UserId[] {
    return [...this.#users].flatMap(([user, { sockets }]) => (sockets > 0 ? [user] : []))
  }
}
