import type { FileLink } from '@parley/protocol/rooms/files'
import { systemClock } from '../clock.ts'
import type { Listener } from '../emitter.ts'
import type { HttpRequest } from '../http.ts'
import { type Access, createAccess, credentialsOf } from './access.ts'
import { Artefacts } from './artefacts.ts'
import type { ToolCredentials } from './asks.ts'
import { type Connection, type ConnectionState, createConnection } from './connection.ts'
import { ChatError } from './errors.ts'
import type { Of } from './feed.ts'
import type { Presence } from './frames.ts'
import type { ChatClientOptions, ChatEvent } from './options.ts'
import { type ChatPlace, chatPlaceOf } from './place.ts'
import { createRest, type Rest } from './rest.ts'
import { type Asked, askIn, type JoinOptions, type Room, type SendOptions } from './room.ts'
import { type SearchOptions, type SearchPage, searchIn } from './search.ts'
import { Session } from './session.ts'
import { memoryStorage } from './storage.ts'
import type { Approval, RoomInfo } from './wire.ts'

const TIMEOUT_MS = 30_000

/** An answer to a question asked outside any room, and the room of the conversation that it began. */
export interface Conversation extends Asked {
  readonly room: Room
}

/** A decision on what an agent wants to do, stored as a message. `run_id` is the answer to it; null where nobody answers. */
export interface Decision {
  readonly room: Room
  readonly message_id: string
  readonly run_id: string | null
}

/**
 * A user's rooms on a Parley server, live, for Node and browsers.
 *
 * It connects, comes back after a lost connection for as long as it takes, and then gets what it missed: each event of a room is
 * told once and in order. What is sent waits for a connection and is stored once. Only refused credentials and `close()` end it.
 * Methods reject with ChatError.
 */
export class ChatClient implements AsyncDisposable {
  /** What agents saved for us. */
  readonly artefacts: Artefacts
  readonly #place: ChatPlace
  readonly #access: Access
  readonly #session: Session
  readonly #connection: Connection
  readonly #rest: Rest
  readonly #stop = new AbortController()
  #presence: { readonly status: 'online' | 'away'; readonly text?: string | undefined } | undefined
  #toolCredentials: ToolCredentials | null = null
  #ready = Promise.withResolvers<void>()

  constructor(options: ChatClientOptions = {}) {
    const { clock = systemClock, timeout = TIMEOUT_MS, backoff = {}, storage = memoryStorage() } = options
    const { keep = 500, outbox = 1_000, maxRooms = 2_000 } = options
    this.#place = chatPlaceOf(options.url)
    this.#rest = createRest({ baseUrl: this.#place.http, timeout, clock, signal: this.#stop.signal })
    this.#access = createAccess(credentialsOf(options), this.#rest, clock.now)
    const server = this.#place.http
    const rest = (request: HttpRequest) => this.rest(request)
    this.artefacts = new Artefacts(rest)
    this.#session = new Session({ clock, timeout, backoff, storage, server, keep, outbox, maxRooms, rest })
    this.#connection = createConnection({
      socketUrl: this.#place.socket,
      access: this.#access,
      clock,
      timeout,
      backoff,
      sync: (hello, send) => this.#session.sync(hello, send),
      frame: frame => this.#session.hear(frame),
      live: () => this.#live(),
      lost: () => this.#session.requests.lost(),
      changed: state => this.#changed(state),
    })
    this.#ready.promise.catch(() => {})
  }

  /** A connected one, for `await using`. */
  static async open(options?: ChatClientOptions): Promise<ChatClient> {
    const client = new ChatClient(options)
    await client.connect()
    return client
  }

  // --- the connection

  get state(): ConnectionState {
    return this.#connection.state
  }

  /** Our own id and name; undefined before the first connection. */
  get me(): { readonly user_id: string; readonly username: string; readonly role: string } | undefined {
    return this.#session.me
  }

  /**
   * Begins to connect. Resolves once live, after however many attempts; rejects with ChatError when it is over:
   * UNAUTHENTICATED, or CLOSED.
   */
  connect(): Promise<void> {
    this.#connection.start()
    return this.#ready.promise
  }

  /** Tries again now, without the rest of the wait: where it is known that the network is back. */
  wake(): void {
    this.#connection.wake()
  }

  /** Ends it for good, after everything that was handed to the socket. What is unconfirmed stays in the storage. */
  async close(): Promise<void> {
    const done = this.#connection.close()
    this.#stop.abort()
    await done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Calls `listener` for each event of a type; the answer takes that back. */
  on<T extends ChatEvent['type']>(type: T, listener: Listener<[event: Of<ChatEvent, T>]>): () => void {
    return this.#session.feed.on(type, listener)
  }

  /** Every event from now on, for a loop. It ends with `close()`, and throws TOO_SLOW when it is 10,000 events behind. */
  events(): AsyncGenerator<ChatEvent, undefined> {
    return this.#session.feed.loop()
  }

  // --- rooms

  /** The rooms we are in, newest activity first. Another array whenever something changed, and the same one until then. */
  get rooms(): readonly Room[] {
    return this.#session.book.list()
  }

  /** Unread messages of all rooms. */
  get unread(): number {
    return this.#session.unread
  }

  /** The room of that name, whether we are in it or not: a label, `lobby`, `dm:…` or `conversation:…`. Always the same object. */
  room(id: string): Room {
    return this.#session.book.named(this.#whole(id)).room
  }

  /** Enters a room. One that there is not is made, and is ours. */
  async join(id: string, options: JoinOptions = {}): Promise<Room> {
    const room = this.room(id)
    await room.join(options)
    return room
  }

  /** Our direct room with somebody, by id or name. */
  async direct(who: { readonly user_id: string } | { readonly username: string }): Promise<Room> {
    return this.#enter(await this.#session.requests.ask('open_direct', who))
  }

  /** Asks the assistant outside any room, which begins a conversation. Resolves once it begins to answer. */
  async ask(text: string, options: SendOptions = {}): Promise<Conversation> {
    const asked = await askIn(this.#session.host, null, text, options)
    return { ...asked, room: this.room(`conversation:${asked.message.conversation_id}`) }
  }

  /** Accepts an invitation: we are in its room then. */
  async accept(token: string): Promise<Room> {
    const info = await this.rest({ method: 'POST', path: ['invitations', 'accept'], body: { token } })
    return this.#enter(info as RoomInfo) // as the endpoint's schema says
  }

  /**
   * Messages with these words in all our rooms, newest first. All words have to be there, the last one may be the beginning of one;
   * "a phrase" stands in quotes.
   */
  search(text: string, options: SearchOptions = {}): Promise<SearchPage> {
    return searchIn(this.#session.requests, text, options, {}, id => this.room(id))
  }

  // --- people

  /** How we want to be seen. Said again on every connection. */
  async setPresence(status: 'online' | 'away', text?: string): Promise<void> {
    this.#presence = { status, text }
    await this.#session.requests.ask('presence', this.#presence)
  }

  /** What was last told of somebody's presence. */
  presence(userId: string): Presence | undefined {
    return this.#session.people.get(userId)
  }

  /** Who of these, at most 200, is there. */
  async who(userIds: readonly string[]): Promise<readonly Omit<Presence, 'username'>[]> {
    return (await this.#session.requests.ask('who', { user_ids: userIds })).users
  }

  // --- what agents may do

  /** What agents want to do for us that we have not decided yet, the oldest first. */
  async approvals(): Promise<readonly Approval[]> {
    return (await this.#session.requests.ask('approvals', {})).approvals
  }

  /**
   * Allows it, exactly as it is, or not: by a message of ours in the room where it was asked, or `privately` to the agent alone. Decided
   * once, however often it is sent. Resolves once the message is stored, with the room where it is; what comes of it is said there.
   */
  async decide(
    approval: string,
    decision: 'approve' | 'deny',
    options: { privately?: boolean } = {},
  ): Promise<Decision> {
    const { privately } = options
    const decided = await this.#session.requests.ask('decide', { approval, decision, privately })
    return { room: this.room(decided.room_id), message_id: decided.id, run_id: decided.run_id }
  }

  /**
   * Shows credentials of elsewhere for the tools that answer us, on this connection and those after it; null takes them back. They are
   * kept in memory, here and on the server, and never shown to a model or to others.
   */
  async setToolCredentials(credentials: ToolCredentials | null): Promise<void> {
    await this.#session.requests.ask('tool_credentials', credentials ?? {})
    this.#toolCredentials = credentials
  }

  // --- files and everything else

  /** A link to a file that works without a credential, for a browser to open. */
  async fileLink(fileId: string): Promise<FileLink> {
    const link = await this.rest({ method: 'POST', path: ['files', fileId, 'link'] })
    return link as FileLink // as the endpoint's schema says
  }

  /** Sends a request to the REST API: `path` `/api/v1`, as whoever we are. Resolves with the body of the answer. */
  async rest(request: HttpRequest): Promise<unknown> {
    return this.#rest(await this.#access.headers(), request)
  }

  #enter(info: RoomInfo): Room {
    const { state, room } = this.#session.book.of(info.room, info.room_id)
    state.welcome(info)
    state.describe(info)
    return room
  }

  /** `dm:` and one user means us and them. */
  #whole(id: string): string {
    const [, other] = /^dm:([^:]+)$/.exec(id) ?? []
    const me = this.me?.user_id
    return other && me ? `dm:${[me, other].sort().join(':')}` : id
  }

  #live(): void {
    // Before what waits for a connection, which may need them.
    if (this.#toolCredentials)
      this.#session.requests.ask('tool_credentials', this.#toolCredentials, { wait: 'now' }).catch(() => {})
    this.#session.requests.live()
    this.#ready.resolve()
    // Where it fails it is said again on the next connection.
    if (this.#presence) this.#session.requests.ask('presence', this.#presence).catch(() => {})
  }

  #changed(state: ConnectionState): void {
    this.#session.feed.tell({ type: 'state', state })
    if (state.state !== 'closed') return
    const error = state.error ?? new ChatError('CLOSED', 'The client is closed')
    this.#session.end(error)
    this.#ready.reject(error)
  }
}
