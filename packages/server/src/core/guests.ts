import type { Openness } from './context.ts'
import type { UserId } from './ids.ts'

export interface GuestSettings {
  /** Who may talk without an account. */
  readonly openness: Openness
  /** Guests at one time, those included who left less than an hour ago; and from one address. */
  readonly max: number
  readonly maxPerAddress: number
}

interface Known {
  /** '' where it was forgotten with an earlier process. */
  readonly address: string
  sockets: number
  /** Whether the store knows the guest. */
  isKept: boolean
}

/** The guests of this node: who is here, who was and is not forgotten yet, and who may only say who they are. */
export class Guests {
  readonly #settings: GuestSettings
  readonly #known = new Map<UserId, Known>()
  /** Sockets that may not talk, by address. */
  readonly #waiting = new Map<string, number>()

  constructor(settings: GuestSettings) {
    this.#settings = settings
  }

  /** Guests here or not forgotten yet. */
  get size(): number {
    return this.#known.size
  }

  /** Whether one more guest may come from an address. */
  hasPlace(address: string): boolean {
    if (this.#known.size >= this.#settings.max) return false
    let near = 0
    for (const known of this.#known.values()) if (known.address === address) near++
    return near < this.#settings.maxPerAddress
  }

  /** Whether one more socket from an address may wait for its credentials. */
  mayWait(address: string): boolean {
    return (this.#waiting.get(address) ?? 0) < this.#settings.maxPerAddress
  }

  /** One more socket of a guest, who may talk or only waits. */
  enter(id: UserId, address: string, mayTalk: boolean): void {
    if (mayTalk) this.#of(id, address).sockets++
    else this.#waiting.set(address, (this.#waiting.get(address) ?? 0) + 1)
  }

  /** One socket less. */
  leave(id: UserId, address: string, mayTalk: boolean): void {
    if (mayTalk) return this.#left(id)
    const rest = (this.#waiting.get(address) ?? 0) - 1
    if (rest > 0) this.#waiting.set(address, rest)
    else this.#waiting.delete(address)
  }

  #left(id: UserId): void {
    const known = this.#known.get(id)
    if (!known) return
    known.sockets--
    if (known.sockets === 0 && !known.isKept) this.#known.delete(id)
  }

  isHere(id: UserId): boolean {
    return (this.#known.get(id)?.sockets ?? 0) > 0
  }

  isKept(id: UserId): boolean {
    return this.#known.get(id)?.isKept ?? false
  }

  /** The store knows the guest now. */
  keep(id: UserId): void {
    this.#of(id, '').isKept = true
  }

  /** The store knows the guest no longer. */
  forget(id: UserId): void {
    const known = this.#known.get(id)
    if (!known) return
    known.isKept = false
    if (known.sockets === 0) this.#known.delete(id)
  }

  #of(id: UserId, address: string): Known {
    const known = this.#known.get(id) ?? { address, sockets: 0, isKept: false }
    this.#known.set(id, known)
    return known
  }
}
