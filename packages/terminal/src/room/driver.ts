import { type ChatClient, ChatError, type Room } from '@parley/client/chat'
import { type Action, help } from './commands.ts'
import type { Happening, Listed } from './happening.ts'
import { isMention } from './mention.ts'
import { placeOf, Shown } from './shown.ts'
import { createTransfers, type Transfers } from './transfers.ts'

export interface Driver {
  /** Goes to a room, or makes it. */
  enter(room: string): Promise<void>
  /** Does what was typed, one after the other. Resolves once it is done, or under way where that takes time. Never rejects. */
  act(action: Action): Promise<void>
  /** Our rooms, newest activity first. */
  listed(): readonly Listed[]
  /** A key of a message was pressed, or what was typed is gone. */
  typing(isTyping: boolean): void
  /** Stops the files under way. Whether there were any. */
  stopTransfers(): boolean
  /** The program is about to end. */
  leave(): void
  /** Resolves once nothing is under way any more; with whether all of it succeeded. */
  settled(): Promise<boolean>
}

export interface DriverOptions {
  readonly client: ChatClient
  /** The server's address, for files. */
  readonly http: string
  /** Whether what is told counts as read. */
  readonly reads: boolean
  tell(happening: Happening): void
  quit(): void
}

/** Those that are answered with something to read. */
type Question = Exclude<Action, { is: 'nothing' | 'wrong' | 'send' | 'quit' | Doing }>
type Doing = 'ask' | 'approve' | 'deny' | 'join' | 'dm' | 'accept' | 'leave' | 'presence' | 'upload' | 'download'

const WHO_MAX = 200
/** How long after its confirmation our own message is waited for, in milliseconds. It is missed where a room's log is reset. */
const ECHO_WAIT_MS = 2_000

/** Turns what a ChatClient tells into happenings, and what somebody wants into calls. */
export function createDriver(options: DriverOptions): Driver {
  const driver = new RoomDriver(options)
  driver.watch()
  return driver
}

class RoomDriver implements Driver {
  readonly #client: ChatClient
  readonly #options: DriverOptions
  readonly #transfers: Transfers
  readonly #shown: Shown
  readonly #mentions = new Map<string, number>()
  readonly #under = new Set<Promise<boolean>>()
  /** Ends of the wait for our own messages, by their ids. */
  readonly #echoes = new Map<string, () => void>()
  /** What was searched for and has more, and from where on. */
  #searched: { readonly text?: string; readonly before?: number } = {}
  #succeeded = true
  #turn: Promise<void> = Promise.resolve()

  constructor(options: DriverOptions) {
    this.#options = options
    this.#client = options.client
    this.#transfers = createTransfers(options.client, options.http, happening => this.#tell(happening))
    this.#shown = new Shown({
      reads: options.reads,
      tell: options.tell,
      offer: file => this.#transfers.offer(file),
      inTurn: task => this.#inTurn(task),
    })
  }

  watch(): void {
    this.#client.on('message', ({ room, message }) => {
      const own = message.user_id === this.#client.me?.user_id
      const mention = !own && isMention(message.content, this.#client.me?.username ?? '', room.info?.room_type)
      if (room === this.#shown.room) this.#shown.read()
      else if (mention) this.#mentions.set(room.id, (this.#mentions.get(room.id) ?? 0) + 1)
      this.#tell({ type: 'message', ...placeOf(room), own, mention, message })
      if (own) this.#echoes.get(message.client_id ?? '')?.()
      if (message.run) this.#shown.tellEnd(room, message.run.run_id, message.run.state, message.run.error)
    })
    this.#client.on('rooms', () => this.#options.tell({ type: 'unread', rooms: this.listed() }))
    this.#client.on('error', ({ error }) => this.#complain(error))
  }

  enter(room: string): Promise<void> {
    return this.#inTurn(async () => this.#enter(await this.#joined(room)))
  }

  act(action: Action): Promise<void> {
    return this.#inTurn(() => this.#do(action))
  }

  typing(isTyping: boolean): void {
    const { room } = this.#shown
    if (room?.membership !== 'member' || this.#client.state.state !== 'live') return
    if (isTyping) room.composing()
    else room.stopComposing()
  }

  stopTransfers(): boolean {
    return this.#transfers.stop()
  }

  leave(): void {
    this.#shown.leave()
  }

  async settled(): Promise<boolean> {
    await this.#turn
    while (this.#under.size > 0) await Promise.all(this.#under)
    return this.#succeeded
  }

  async #inTurn(task: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(task).catch(error => this.#fail(error))
    await this.#turn
  }

  /** Begins what takes its time. */
  #begin(work: Promise<unknown>): void {
    const done = work.then(
      () => true,
      error => {
        this.#fail(error)
        return false
      },
    )
    this.#under.add(done)
    void done.then(() => this.#under.delete(done))
  }

  #fail(error: unknown): void {
    this.#succeeded = false
    this.#complain(error)
  }

  #complain(error: unknown): void {
    const code = error instanceof ChatError ? error.code : 'FAILED'
    this.#tell({ type: 'error', code, error: error instanceof Error ? error.message : String(error) })
  }

  #tell(happening: Happening): void {
    this.#shown.tell(happening)
  }

  // --- commands

  async #do(action: Action): Promise<void> {
    switch (action.is) {
      case 'nothing':
        return
      case 'wrong':
        throw new ChatError('INVALID', action.text)
      case 'send':
        return this.#send(this.#here(), action.text)
      case 'ask':
        return this.#ask(this.#here(), action.text)
      case 'approve':
      case 'deny':
        return this.#decide(action.is, action.code)
      case 'join':
        return this.#enter(await this.#joined(action.room))
      case 'dm': {
        const room = await this.#client.direct({ username: action.name })
        await this.#enter(room)
        return action.text ? this.#send(room, action.text) : undefined
      }
      case 'accept':
        return this.#enter(await this.#client.accept(action.token))
      case 'leave':
        return (action.room ? this.#named(action.room) : this.#here()).leave()
      case 'presence':
        await this.#client.setPresence(action.status, action.text)
        return this.#notice(`You are ${action.status}${action.text ? `, ${action.text}` : ''}.`)
      case 'upload':
        return this.#begin(this.#transfers.upload(this.#here(), action.path))
      case 'download':
        return this.#begin(this.#transfers.download(action.name, action.path))
      case 'quit':
        return this.#options.quit()
      default:
        return this.#answer(action)
    }
  }

  async #answer(action: Question): Promise<void> {
    switch (action.is) {
      case 'rooms':
        return this.#tell({ type: 'rooms', rooms: this.listed() })
      case 'approvals':
        return this.#tell({ type: 'approvals', approvals: await this.#client.approvals() })
      case 'unread':
        return this.#tell({ type: 'rooms', rooms: this.listed().filter(({ unread }) => unread > 0) })
      case 'members': {
        const room = this.#here()
        return this.#tell({ type: 'members', ...placeOf(room), people: await room.members() })
      }
      case 'who':
        return this.#who(this.#here())
      case 'invite': {
        const room = this.#here()
        const { token, url, expires_at } = await room.invite()
        return this.#tell({ type: 'invitation', ...placeOf(room), token, url, expires_at })
      }
      case 'history':
        this.#here()
        return this.#shown.older(action.limit)
      case 'search':
        return this.#search(action.text)
      case 'cancel':
        return this.#cancel(this.#here())
      case 'continue':
      case 'regenerate':
        return this.#again(this.#here(), action.is)
      case 'help':
        return this.#notice(help())
      default:
        action satisfies never
    }
  }

  #here(): Room {
    if (this.#shown.room) return this.#shown.room
    throw new ChatError('NOT_MEMBER', 'You are in no room: /join one')
  }

  /** A room by its name in frames, or by the one that people see. */
  #named(name: string): Room {
    const plain = name.toLowerCase()
    const { rooms } = this.#client
    const known =
      rooms.find(({ id }) => id === name) ??
      rooms.find(room => [room.id, room.name].some(one => one.toLowerCase() === plain))
    return known ?? this.#client.room(name)
  }

  #enter(room: Room): Promise<void> {
    this.#mentions.delete(room.id)
    return this.#shown.enter(room)
  }

  async #joined(name: string): Promise<Room> {
    const room = this.#named(name)
    if (room.membership !== 'member') await room.join({ type: 'shared' })
    return room
  }

  #notice(text: string): void {
    this.#tell({ type: 'notice', text })
  }

  #send(room: Room, text: string): void {
    const client_id = crypto.randomUUID()
    this.#tell({ type: 'sending', ...placeOf(room), client_id, text })
    const echo = Promise.withResolvers<void>()
    this.#echoes.set(client_id, echo.resolve)
    const sent = room.send(text, { clientId: client_id }).then(
      message => {
        this.#tell({ type: 'sent', ...placeOf(room), client_id, message })
        setTimeout(echo.resolve, ECHO_WAIT_MS).unref()
        return echo.promise
      },
      error => {
        this.#succeeded = false
        room.discard(client_id)
        const code = error instanceof ChatError ? error.code : 'FAILED'
        this.#tell({ type: 'refused', ...placeOf(room), client_id, text, code, error: String(error.message ?? error) })
      },
    )
    this.#begin(sent.finally(() => this.#echoes.delete(client_id)))
  }

  #ask(room: Room, text: string): void {
    this.#begin(room.ask(text).then(({ run }) => run.done))
  }

  /** What comes of it is said in the room where it was asked for. */
  async #decide(decision: 'approve' | 'deny', code: string | undefined): Promise<void> {
    const { room } = await this.#client.decide(code ?? (await this.#onlyApproval()), decision)
    if (room !== this.#shown.room) this.#notice(`Said in ${room.name}.`)
  }

  async #onlyApproval(): Promise<string> {
    const [first, ...others] = await this.#client.approvals()
    if (!first) throw new ChatError('APPROVAL_UNKNOWN', 'Nobody wants to do anything for you')
    if (others.length === 0) return first.approval
    throw new ChatError('INVALID', 'There are several, which /approvals lists: say which by its code')
  }

  async #who(room: Room): Promise<void> {
    const people = (await room.members()).slice(0, WHO_MAX)
    const states = await this.#client.who(people.map(({ user_id }) => user_id))
    const found = people.map(({ user_id, username }) => {
      const state = states.find(one => one.user_id === user_id)
      return { username, status: state?.status ?? 'offline', text: state?.text ?? null }
    })
    this.#tell({ type: 'who', ...placeOf(room), people: found })
  }

  async #search(words: string | undefined): Promise<void> {
    const { text, before } = words === undefined ? this.#searched : { text: words, before: undefined }
    if (text === undefined) throw new ChatError('INVALID', 'It has to be: /search WORDS')
    const { results, next } = await this.#client.search(text, { before })
    this.#searched = next === null ? {} : { text, before: next }
    const found = results.map(({ room, message, excerpt, hits }) => ({ ...placeOf(room), message, excerpt, hits }))
    this.#tell({ type: 'found', text, results: found, more: next !== null })
  }

  async #cancel(room: Room): Promise<void> {
    const { runs } = room
    if (runs.length === 0) throw new ChatError('RUN_ENDED', 'Nobody is writing an answer here')
    await Promise.all(runs.map(run => run.cancel()))
  }

  /** What the new answer says is told as that of any other. */
  async #again(room: Room, how: 'continue' | 'regenerate'): Promise<void> {
    const latest = this.#shown.latestRun
    if (latest === undefined) throw new ChatError('RUN_UNKNOWN', 'There is no answer here yet')
    const run = how === 'continue' ? await room.continueRun(latest) : await room.regenerateRun(latest)
    this.#begin(run.done)
  }

  listed(): readonly Listed[] {
    return this.#client.rooms.map(room => ({
      ...placeOf(room),
      type: room.info?.room_type ?? null,
      // What is shown is read, whether or not the server knows it yet.
      unread: this.#options.reads && room === this.#shown.room ? 0 : room.unread,
      mentions: room.unread > 0 ? (this.#mentions.get(room.id) ?? 0) : 0,
      members: room.info?.participants_count ?? 0,
    }))
  }
}
