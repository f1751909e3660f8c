import type { DirectoryEvent } from './events.ts'
import type { RoomId, UserId } from './ids.ts'
import { ASSISTANT, nameKey } from './names.ts'
import type { Store } from './ports/store.ts'
import { LOBBY_LABEL, type Room } from './room.ts'
import { isDeleted, type User } from './user.ts'

const CACHED_MAX = 50_000

/** Users and rooms close at hand: a bounded cache over the store, kept true by the events that change them. */
export class Directory {
  readonly #store: Store
  readonly #users = new Map<UserId, User>()
  readonly #names = new Map<string, UserId>()
  readonly #rooms = new Map<RoomId, Room>()
  readonly #pairs = new Map<string, RoomId>()
  readonly #labels = new Map<string, RoomId>()
  #lobby: Room | undefined
  /** By name key. */
  readonly #agents = new Map<string, User>()

  constructor(store: Store) {
    this.#store = store
  }

  /** To be called before anything is asked. */
  async start(): Promise<void> {
    this.#lobby = await this.#store.room(this.#store.lobby)
    const assistant = await this.#store.userByName(ASSISTANT)
    if (assistant) this.keepAgent(assistant)
  }

  /** Who answers where nobody else is asked; undefined on a server that has not made it yet. */
  get assistant(): User | undefined {
    return this.#agents.get(ASSISTANT)
  }

  /** Everybody who answers here. */
  get agents(): Iterable<User> {
    return this.#agents.values()
  }

  /** One of them. */
  agent(id: UserId): User | undefined {
    return [...this.agents].find(agent => agent.id === id)
  }

  /** Has somebody of the server's own answer here. */
  keepAgent(agent: User): void {
    if (agent.role === 'agent') this.#agents.set(nameKey(agent.name), agent)
  }

  get lobby(): Room {
    if (!this.#lobby) throw new Error('The directory was not started')
    return this.#lobby
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

  /** The room if cached. */
  peekRoom(id: RoomId): Room | undefined {
    return id === this.#lobby?.id ? this.#lobby : this.#rooms.get(id)
  }

  /** Any room, deleted ones too. */
  async room(id: RoomId): Promise<Room | undefined> {
    return this.peekRoom(id) ?? this.keepRoom(await this.#store.room(id))
  }

  /** The direct room of two users if cached. */
  peekDirect(pair: readonly [UserId, UserId]): Room | undefined {
    const id = this.#pairs.get(pair.join())
    return id && this.#rooms.get(id)
  }

  async direct(pair: readonly [UserId, UserId]): Promise<Room | undefined> {
    return this.peekDirect(pair) ?? this.keepRoom(await this.#store.directRoom(pair))
  }

  /** The room with this label if cached. */
  peekLabelled(label: string): Room | undefined {
    if (label === LOBBY_LABEL) return this.lobby
    const id = this.#labels.get(label)
    return id && this.#rooms.get(id)
  }

  /** The room with this label, a deleted one too. */
  async labelled(label: string): Promise<Room | undefined> {
    return this.peekLabelled(label) ?? this.keepRoom(await this.#store.labelled(label))
  }

  /** Remembers a room as it is now. */
  keepRoom<R extends Room | undefined>(room: R): R {
    if (!room) return room
    if (room.id === this.#lobby?.id) this.#lobby = room
    this.#remember(this.#rooms, room.id, room)
    if (room.pair) this.#remember(this.#pairs, room.pair.join(), room.id)
    if (room.label !== null) this.#remember(this.#labels, room.label, room.id)
    return room
  }

  /** Forgets somebody of whom nothing is left, with their rooms. */
  forget({ id }: User, rooms: readonly RoomId[]): void {
    this.#users.delete(id)
    for (const room of rooms) this.#rooms.delete(room)
  }

  /** Brings the cache up to an event of the directory. */
  apply(event: DirectoryEvent): void {
    const before = this.#users.get(event.user.id)
    if (before) this.#names.delete(nameKey(before.name))
    this.#keep(event.user)
    if (nameKey(event.user.name) === ASSISTANT) this.keepAgent(event.user)
  }

  #keep<U extends User | undefined>(user: U): U {
    if (!user) return user
    this.#remember(this.#users, user.id, user)
    // Guests have names for the looks of it alone.
    if (user.role === 'guest') return user
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
