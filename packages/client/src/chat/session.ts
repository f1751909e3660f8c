import type { BackoffOptions } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { HttpRequest } from '../http.ts'
import { newId } from '../ids.ts'
import { type Asking, createAsking } from './asking.ts'
import type { Delivered } from './asks.ts'
import type { Hello } from './connection.ts'
import { asChatError, ChatError } from './errors.ts'
import { createFeed, type Feed } from './feed.ts'
import { type Frame, type Pushed, readPushed } from './frames.ts'
import type { ChatEvent } from './options.ts'
import { Outbox, type Outgoing, readOutgoing } from './outbox.ts'
import { createPeople, type People } from './presence.ts'
import { createRecovery, type Recovery } from './recovery.ts'
import { errorOf, Requests } from './requests.ts'
import { checkText, type RoomHost, type SendOptions } from './room.ts'
import { createRoomBook, type Entry, type RoomBook } from './room-book.ts'
import { type SentMessage, sentMessage } from './room-log.ts'
import type { RoomState, RoomStateHost } from './room-state.ts'
import type { ChatStorage } from './storage.ts'
import { readRooms } from './sync.ts'
import { createVault, type Kept, type Vault } from './vault.ts'

export interface SessionOptions {
  readonly clock: Clock
  readonly timeout: number
  readonly backoff: BackoffOptions
  readonly storage: ChatStorage
  /** Names the server in the storage. */
  readonly server: string
  readonly keep: number
  readonly outbox: number
  readonly maxRooms: number
  rest(request: HttpRequest): Promise<unknown>
}

/** What one user has on one server, over any number of connections: takes frames, and tells what they mean. */
export class Session {
  readonly feed: Feed<ChatEvent>
  readonly requests: Requests
  readonly book: RoomBook
  readonly people: People = createPeople()
  readonly host: RoomHost
  readonly #options: SessionOptions
  readonly #vault: Vault
  readonly #outbox: Outbox
  readonly #asking: Asking
  readonly #recovery: Recovery
  readonly #refreshing = new Set<RoomState>()
  #me: Hello | undefined
  #kept: Kept | undefined
  #unread = 0
  #isListing = false
  #isSynced = false

  constructor(options: SessionOptions) {
    const { clock, timeout, backoff, storage, server } = options
    this.#options = options
    this.feed = createFeed(error => this.#failed(error))
    this.requests = new Requests(clock, timeout)
    this.#vault = createVault(storage, server, clock, error => this.#failed(asChatError(error, 'STORAGE')))
    this.#asking = createAsking(clock, timeout)
    const sending = { requests: this.requests, clock, backoff }
    this.#outbox = new Outbox({
      ...sending,
      vault: this.#vault,
      max: options.outbox,
      added: message => this.#shownIn(message)?.add(message),
      confirmed: (message, delivered) => this.#confirmed(message, delivered),
      failed: message => this.#shownIn(message)?.fail(message),
    })
    this.#recovery = createRecovery({
      ...sending,
      room: uuid => this.book.byUuid(uuid)?.state,
      reset: (room, seq) => this.#reset(room, seq),
    })
    this.host = {
      clock,
      requests: this.requests,
      outbox: this.#outbox,
      asking: this.#asking,
      uploads: sending,
      rest: options.rest,
      send: (roomId, text, wishes) => this.#send(roomId, text, wishes),
    }
    this.book = createRoomBook(this.#stateHost(), this.host)
  }

  /** Who we are; undefined before the first connection. */
  get me(): Hello | undefined {
    return this.#me
  }

  // --- connections

  /** Catches up on a new connection. Rejects with ChatError. */
  async sync(hello: Hello, send: (text: string) => void): Promise<void> {
    if (this.#me && this.#me.user_id !== hello.user_id) {
      throw new ChatError('ANOTHER_USER', 'The new token is of another user: make another client for them')
    }
    const { user_id, username, role } = hello
    this.#me = { user_id, username, role }
    this.requests.open(send)
    this.#kept ??= await this.#vault.open(user_id)
    const { rooms, isWhole } = await readRooms(this.requests, this.#options.maxRooms)
    for (const info of rooms) {
      const { state } = this.book.of(info.room, info.room_id)
      state.begin(this.#kept.cursors.get(info.room) ?? info.seq)
      state.describe(info)
    }
    if (isWhole) this.#forget(new Set(rooms.map(({ room }) => room)))
    const members = [...this.book.all()].map(({ state }) => state).filter(({ membership }) => membership === 'member')
    await this.#recovery.all(
      members,
      members.flatMap(({ runs }) => [...runs.values()]),
    )
    this.#isSynced = true
    // What is entered from now on begins anew.
    this.#kept = { ...this.#kept, cursors: new Map() }
    this.#outbox.start(this.#kept.messages.flatMap(text => readOutgoing(text) ?? []))
  }

  /** Rooms that are no longer ours. */
  #forget(ours: ReadonlySet<string>): void {
    for (const { state } of this.book.all()) {
      if (state.membership === 'member' && !ours.has(state.uuid ?? '')) state.leave('left')
    }
    for (const uuid of this.#kept?.cursors.keys() ?? []) if (!ours.has(uuid)) this.#vault.dropCursor(uuid)
  }

  /** No frame comes from now on. */
  end(error: ChatError): void {
    this.#vault.flush()
    this.#outbox.close(error)
    this.#recovery.close()
    this.requests.end(error)
    this.#asking.end(error)
    for (const { room, state } of this.book.all()) {
      room.stopComposing()
      state.end(error)
    }
    this.feed.end(error.code === 'CLOSED' ? undefined : error)
  }

  // --- frames

  hear(frame: Frame): void {
    const isAnswer = this.requests.hear(frame)
    if (isAnswer) return
    if (frame.type === 'error') return this.#complain(frame)
    const pushed = readPushed(frame)
    if (pushed) this.#take(pushed, frame.roomId)
  }

  #complain(frame: Frame): void {
    const error = errorOf(frame.data)
    if (frame.answers !== null && this.#asking.failed(frame.answers, error)) return
    this.feed.tell({ type: 'error', error })
  }

  #take(pushed: Pushed, roomId: string | null): void {
    switch (pushed.is) {
      case 'event':
        return this.#entry(pushed.room, roomId, pushed.event.seq)?.state.hear(pushed.event)
      case 'step':
        return this.book.byUuid(pushed.room)?.state.step(pushed.runId, pushed.step)
      case 'added':
        return this.#welcome(this.book.of(pushed.info.room, pushed.info.room_id), pushed.info.seq)
      case 'typing':
        return this.#typing(pushed, roomId)
      case 'read':
        return this.book.byUuid(pushed.room)?.state.read(pushed)
      case 'read_state':
        return this.book.byUuid(pushed.room)?.state.setRead(pushed.readTo, pushed.unread)
      case 'presence': {
        const { is: _, ...presence } = pushed
        this.people.hear(presence)
        return this.feed.tell({ type: 'presence', ...presence })
      }
      default:
        pushed satisfies never
    }
  }

  /** A direct room has no uuid before its first message. */
  #typing({ room, isTyping, ...person }: Extract<Pushed, { is: 'typing' }>, roomId: string | null): void {
    if (person.user_id === this.#me?.user_id) return
    const known = room === null ? roomId && this.book.named(roomId) : this.book.byUuid(room)
    if (known) known.state.typers.hear(person, isTyping)
  }

  /** The room of an event. One that nobody told of is ours all the same. */
  #entry(uuid: string, roomId: string | null, seq: number): Entry | undefined {
    const known = this.book.byUuid(uuid)
    if (known || roomId === null) return known
    const entry = this.book.of(uuid, roomId)
    this.#welcome(entry, seq)
    return entry
  }

  #welcome({ state }: Entry, seq: number): void {
    if (state.membership === 'member' || state.uuid === undefined) return
    state.welcome({ room: state.uuid, seq })
    void this.#refresh(state)
  }

  // --- messages of our own

  async #send(roomId: string | null, text: string, options: SendOptions): Promise<SentMessage> {
    checkText(text)
    const {
      clientId = newId(),
      replyTo = null,
      conversationId = null,
      model,
      systemPrompt,
      temperature,
      maxTokens,
    } = options
    return this.#outbox.send({
      client_id: clientId,
      room_id: roomId,
      content: text,
      reply_to: replyTo,
      conversation_id: conversationId,
      options: { model_preference: model, system_prompt: systemPrompt, temperature, max_tokens: maxTokens },
    })
  }

  /** The room that shows a message on its way: none before a conversation has begun. */
  #shownIn({ room_id }: Outgoing): RoomState | undefined {
    return room_id === null ? undefined : this.book.named(room_id).state
  }

  #confirmed(message: Outgoing, delivered: Delivered): SentMessage {
    const entry = this.book.of(delivered.room, message.room_id ?? `conversation:${delivered.conversation_id}`)
    if (entry.state.membership === 'unknown') this.#welcome(entry, delivered.seq)
    return (this.#shownIn(message) ?? entry.state).confirm(message, delivered)
  }

  // --- what rooms ask for

  #stateHost(): RoomStateHost {
    const { clock, keep } = this.#options
    return {
      clock,
      keep,
      me: () => this.#me ?? NOBODY,
      failed: error => this.#failed(error),
      cancel: async run_id => void (await this.requests.ask('cancel_run', { run_id })),
      again: async (run_id, how) => (await this.requests.ask(`${how}_run`, { run_id })).run_id,
      resume: of => this.#recovery.hole(of),
      entered: ({ id }) => {
        if (this.#isSynced) this.feed.tell({ type: 'room', room: this.book.named(id).room })
      },
      moved: ({ uuid, seq }) => {
        if (uuid !== undefined && seq !== null) this.#vault.keepCursor(uuid, seq)
      },
      listed: room => this.#listed(room),
      refresh: room => void this.#refresh(room),
      started: run => this.#asking.started(run),
      settle: (room, message) => {
        if (this.#outbox.settle(message)) room.feed.tell({ type: 'sent', message })
      },
      heard: (room, message) => this.feed.tell({ type: 'message', room: this.book.named(room.id).room, message }),
    }
  }

  #failed(error: Error): void {
    // What a listener of errors throws has nowhere left to go.
    queueMicrotask(() => this.feed.tell({ type: 'error', error }))
  }

  #reset(room: RoomState, seq: number): void {
    room.reset(seq)
    if (room.isShown)
      this.host.requests.ask('history', {}, { roomId: room.id }).then(
        ({ messages }) => room.takeHistory({}, messages.map(sentMessage)),
        error => this.#failed(error),
      )
  }

  /** Asks what is unread, once for many events. */
  async #refresh(room: RoomState): Promise<void> {
    if (this.#refreshing.has(room)) return
    this.#refreshing.add(room)
    try {
      const { members: _, typing_users: __, ...info } = await this.requests.ask('room', {}, { roomId: room.id })
      if (!room.isGone) room.describe(info)
    } catch {
      // The next connection begins with the whole list.
    } finally {
      this.#refreshing.delete(room)
    }
  }

  #listed(room: RoomState): void {
    this.book.changed()
    if (room.isGone && room.uuid !== undefined) this.#vault.dropCursor(room.uuid)
    if (this.#isListing) return
    this.#isListing = true
    queueMicrotask(() => {
      this.#isListing = false
      this.feed.tell({ type: 'rooms' })
      const unread = this.unread
      if (unread !== this.#unread) this.feed.tell({ type: 'unread', unread })
      this.#unread = unread
    })
  }

  /** Unread messages of all rooms. */
  get unread(): number {
    return this.book.list().reduce((sum, room) => sum + room.unread, 0)
  }
}

const NOBODY = { user_id: '', username: '' }
