import type { DirectoryEvent } from './events.ts'
import type { RoomId, UserId } from './ids.ts'
import { nameKey } from './names.ts'
import type { Store } from './ports/store.ts'
import type { Room } from './room.ts'
import { isDeleted, type User } from './user.ts'

const CACHED_MAX = 50_000

/** Users and direct rooms close at hand: a bounded cache over the store, kept true by the directory's events. */
export class Directory {
  readonly #store: Store
  readonly #users = new Map<UserId, User>()
  readonly #names = new Map<string, UserId>()
  readonly #rooms = new Map<RoomId, Room>()
  readonly #pairs = new Map<string, Room>()

  constructor(store: Store) {
    this.#store = store
    this.#remember(this.#rooms, store.lobby, { id: store.lobby, kind: 'lobby', pair: null })
  }

  get lobby(): Room {
    return { id: this.#store.lobby, kind: 'lobby', pair: null }
  }

  /** The user if cached. */
  peek(id: UserId): User | undefined {
    return this.#users.get(id)
  }

  /** Any user, deleted ones too. */
  async user(id: UserId): Promise<User | undefined> {
    return this.#users.get(id) ?? this.#keep(await this.#store.user(id))
  }

  /** A living user by name, at once when cached. */
  named(name: string): User | undefined | Promise<User | undefined> {
    const key = nameKey(name)
    const id = this.#names.get(key)
    const user = id && this.#users.get(id)
    // The two are forgotten at different times, so a name that was given up may still point at its user.
    if (user && nameKey(user.name) === key) return user
    return this.#store.userByName(key).then(user => this.#keep(user))
  }

  /** All users with these ids. */
  async users(ids: Iterable<UserId>): Promise<ReadonlyMap<UserId, User>> {
    const found = new Map<UserId, User>()
    const missing: UserId[] = []
    for (const id of new Set(ids)) {
      const user = this.#users.get(id)
      if (user) found.set(id, user)
      else missing.push(id)
    }
    if (missing.length > 0) for (const user of await this.#store.users(missing)) found.set(user.id, this.#keep(user))
    return found
  }

  async room(id: RoomId): Promise<Room | undefined> {
    const cached = this.#rooms.get(id)
    if (cached) return cached
    const room = await this.#store.room(id)
    if (room) this.keepRoom(room)
    return room
  }

  /** The direct room of two users if cached. */
  peekDirect(pair: readonly [UserId, UserId]): Room | undefined {
    return this.#pairs.get(pair.join())
  }

  async direct(pair: readonly [UserId, UserId]): Promise<Room | undefined> {
    const cached = this.peekDirect(pair)
    if (cached) return cached
    const room = await this.#store.directRoom(pair)
    if (room) this.keepRoom(room)
    return room
  }

  keepRoom(room: Room): void {
    this.#remember(this.#rooms, room.id, room)
    if (room.pair) this.#remember(this.#pairs, room.pair.join(), room)
  }

  /** Brings the cache up to an event of the directory. */
  apply(event: DirectoryEvent): void {
    const before = this.#users.get(event.user.id)
    if (before) this.#names.delete(nameKey(before.name))
    this.#keep(event.user)
  }

  #keep<U extends User | undefined>(user: U): U {
    if (!user) return user
    this.#remember(this.#users, user.id, user)
    if (isDeleted(user)) this.#names.delete(nameKey(user.name))
    else this.#remember(this.#names, nameKey(user.name), user.id)
    return user
  }

  // The oldest entry goes first; whoever is asked for again comes back from the store.
  #remember<K, V>(map: Map<K, V>, key: K, value: V): void {
    map.set(key, value)
    if (map.size <= CACHED_MAX) return
    for (const oldest of map.keys()) {
      map.delete(oldest)
      return
    }
  }
}
