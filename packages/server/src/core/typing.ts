import type { ConnectionId, EphemeralEvent } from './events.ts'
import type { RoomId, UserId } from './ids.ts'
import type { Clock } from './ports/clock.ts'
import type { Room } from './room.ts'
import type { User } from './user.ts'

/** Somebody who is not heard of for so long has stopped composing; in milliseconds. */
const EXPIRY = 5_000
/** At most one notice in so long from one user to one place, in milliseconds. */
const PACE = 1_000

/** Where somebody composes: a room, or with one other user, whose direct room may not be made yet. */
export interface Desk {
  readonly in: Room | null
  readonly to: User | null
}

interface State extends Desk {
  readonly user: User
  readonly via: ConnectionId | undefined
  /** What others were told last, and when. */
  told: boolean
  toldAt: number
  wants: boolean
  until: number
}

type Emit = (event: EphemeralEvent) => void

/** Who is composing where. Changes that come too fast are told as soon as they may be, never dropped. */
export class Typing {
  readonly #clock: Clock
  readonly #emit: Emit
  readonly #states = new Map<string, State>()

  constructor(clock: Clock, emit: Emit) {
    this.#clock = clock
    this.#emit = emit
  }

  /** Hears that a user composes or stopped. Repeating that they compose tells others again. */
  set(user: User, desk: Desk, isTyping: boolean, via?: ConnectionId): void {
    const now = this.#clock.monotonic()
    const key = keyOf(user, desk)
    const state = this.#states.get(key) ?? { ...desk, user, via, told: false, toldAt: -PACE, wants: false, until: 0 }
    if (!isTyping && !state.told && !state.wants) return
    this.#states.set(key, state)
    state.wants = isTyping
    state.until = now + EXPIRY
    if (now - state.toldAt >= PACE) this.#tell(state, now)
  }

  /** The user is gone, from everywhere or from one room. */
  stop(user: UserId, room?: RoomId): void {
    for (const [key, state] of this.#states) {
      if (state.user.id !== user || (room !== undefined && state.in?.id !== room)) continue
      this.#states.delete(key)
      state.wants = false
      if (state.told) this.#tell(state, this.#clock.monotonic())
    }
  }

  /** Who is composing in a room. */
  in(room: RoomId): readonly User[] {
    return [...this.#states.values()].flatMap(state => (state.in?.id === room && state.told ? [state.user] : []))
  }

  get size(): number {
    return this.#states.size
  }

  /** To be called every second: ends what is over and tells what had to wait. */
  tick(): void {
    const now = this.#clock.monotonic()
    for (const [key, state] of this.#states) {
      if (now >= state.until) state.wants = false
      if (now - state.toldAt < PACE) continue
      if (state.wants !== state.told) this.#tell(state, now)
      else if (!state.wants) this.#states.delete(key)
    }
  }

  #tell(state: State, now: number): void {
    state.told = state.wants
    state.toldAt = now
    this.#emit({
      type: 'typing.changed',
      user: state.user,
      in: state.in,
      to: state.to,
      isTyping: state.told,
      via: state.via,
    })
  }
}

const keyOf = (user: User, { in: room, to }: Desk): string => `${user.id} ${room?.id ?? ''} ${to?.id ?? ''}`
