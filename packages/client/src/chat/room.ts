import type { Invitation } from '@parley/protocol/rooms/level2/endpoints'
import { codePoints, MESSAGE_MAX } from '@parley/protocol/rooms/limits'
import type { Bytes } from '../bytes.ts'
import type { Clock } from '../clock.ts'
import type { Listener } from '../emitter.ts'
import type { HttpRequest } from '../http.ts'
import { newId } from '../ids.ts'
import type { Asking } from './asking.ts'
import type { Asks, RoomChange } from './asks.ts'
import { type Composer, createComposer } from './composer.ts'
import { ChatError } from './errors.ts'
import type { Of } from './feed.ts'
import type { Outbox } from './outbox.ts'
import type { Requests } from './requests.ts'
import type { Membership, RoomEvent } from './room-events.ts'
import { type SentMessage, type ShownMessage, sentMessage } from './room-log.ts'
import type { RoomState } from './room-state.ts'
import type { Run } from './run.ts'
import { type SearchOptions, type SearchPage, searchIn } from './search.ts'
import { type UploadedFile, type UploadHost, type UploadOptions, upload } from './upload.ts'
import type { Person, RoomInfo } from './wire.ts'

export interface SendOptions {
  /** Id of a message. */
  readonly replyTo?: string | undefined
  /** In a private room: which of its conversations. */
  readonly conversationId?: number | undefined
  /** What the message is known by until the server has it, and a repeat of it. Default: a new one. At most 128 characters. */
  readonly clientId?: string | undefined
  /** What is wanted of the model that answers. Each of these asks the assistant. */
  readonly model?: string | undefined
  readonly systemPrompt?: string | undefined
  /** 0 to 2. */
  readonly temperature?: number | undefined
  /** 1 to 8,192. */
  readonly maxTokens?: number | undefined
}

export interface HistoryOptions {
  /** Ordinals; at most one of the three. The newest messages without any. */
  readonly before?: number | undefined
  readonly after?: number | undefined
  readonly around?: number | undefined
  /** At most 200. Default 50. */
  readonly limit?: number | undefined
  /** Messages of this conversation alone. They are not added to the list. */
  readonly conversationId?: number | undefined
}

export interface HistoryPage {
  /** Oldest first. */
  readonly messages: readonly SentMessage[]
  readonly more_before: boolean
  readonly more_after: boolean
}

/** A question and who answers it. */
export interface Asked {
  readonly message: SentMessage
  readonly run: Run
}

export interface JoinOptions {
  /** For a room that there is not yet. */
  readonly name?: string | undefined
  readonly type?: 'private' | 'shared' | 'group' | undefined
}

/** What rooms need of their client. */
export interface RoomHost {
  readonly clock: Clock
  readonly requests: Pick<Requests, 'ask' | 'tell'>
  readonly outbox: Outbox
  readonly asking: Asking
  readonly uploads: UploadHost
  /** Sends a request as whoever we are. */
  rest(request: HttpRequest): Promise<unknown>
  /** Sends a message, shows it, and resolves with what the server made of it. */
  send(roomId: string | null, text: string, options: SendOptions): Promise<SentMessage>
}

/** What a room's reader is shown, and a loop over what is new. */
export interface Messages extends AsyncIterable<SentMessage, undefined> {
  /**
   * The newest messages without a hole, oldest first, and after them our own that are under way. Another array whenever
   * something changed, and the same one until then.
   */
  readonly list: readonly ShownMessage[]
}

/** A room: what is in it, live, and what can be done in it. Methods reject with ChatError. */
export class Room {
  readonly #state: RoomState
  readonly #host: RoomHost
  readonly #composer: Composer
  /** In a loop: each message from now on, of everybody, us included, once and in the room's order. */
  readonly messages: Messages

  /** @internal */
  constructor(state: RoomState, host: RoomHost) {
    this.#state = state
    this.#host = host
    this.#composer = createComposer(host.clock, is_typing => host.requests.tell('typing', this.id, { is_typing }))
    this.messages = {
      get list() {
        return state.shown
      },
      async *[Symbol.asyncIterator]() {
        for await (const event of state.feed.loop()) if (event.type === 'message') yield event.message
        return undefined
      },
    }
  }

  // --- what it is

  /** What frames call it: a label, `lobby`, `dm:…` or `conversation:…`. */
  get id(): string {
    return this.#state.id
  }

  /** What the list of rooms says; undefined until the server said it, and where we are not in the room. */
  get info(): RoomInfo | undefined {
    return this.#state.info
  }

  get name(): string {
    return this.info?.peer?.username ?? this.info?.room_name ?? this.id
  }

  get membership(): Membership {
    return this.#state.membership
  }

  get unread(): number {
    return this.info?.unread ?? 0
  }

  /** Who types now, without us. */
  get typing(): readonly Person[] {
    return this.#state.typers.list
  }

  /** Answers being produced. */
  get runs(): readonly Run[] {
    return [...this.#state.runs.values()].filter(({ state }) => state === 'running')
  }

  /** As `Run.continue`, of an answer of the past: `message.run` of a message has its id. */
  continueRun(runId: string): Promise<Run> {
    return this.#state.again(runId, 'continue')
  }

  /** As `Run.regenerate`. */
  regenerateRun(runId: string): Promise<Run> {
    return this.#state.again(runId, 'regenerate')
  }

  // --- hearing

  /** Calls `listener` for each event of a type; the answer takes that back. */
  on<T extends RoomEvent['type']>(type: T, listener: Listener<[event: Of<RoomEvent, T>]>): () => void {
    return this.#state.feed.on(type, listener)
  }

  /** Every event from now on, for a loop. It ends when the client is closed, and throws TOO_SLOW when it is 10,000 events behind. */
  events(): AsyncGenerator<RoomEvent, undefined> {
    return this.#state.feed.loop()
  }

  // --- messages

  /**
   * Sends a text of 1 to 10,000 characters. It is shown at once, survives lost connections (and, with a storage, reloads), and
   * is stored once, after what was sent here before. Resolves once it is durable. Who doesn't wait sees it fail in the list.
   */
  send(text: string, options: SendOptions = {}): Promise<SentMessage> {
    this.#composer.stop()
    return quiet(this.#host.send(this.id, text, options))
  }

  /** Sends a message that asks the assistant, and resolves once it begins to answer. */
  async ask(text: string, options: SendOptions = {}): Promise<Asked> {
    this.#composer.stop()
    return askIn(this.#host, this.id, text, options)
  }

  /** Sends a refused message again. Answers whether there was one. */
  retry(clientId: string): boolean {
    return this.#host.outbox.retry(clientId)
  }

  /** Takes a refused message away. Answers whether there was one. */
  discard(clientId: string): boolean {
    const was = this.#host.outbox.discard(clientId)
    if (was) this.#state.discard(clientId)
    return was
  }

  /**
   * Messages of the past; the newest without `before`, `after` or `around`. What adjoins `messages.list` is added to it, as long
   * as that stays below the client's `keep`; older pages are for you to hold.
   */
  async history({ conversationId, ...page }: HistoryOptions = {}): Promise<HistoryPage> {
    const query = { ...page, ...(conversationId !== undefined && { conversation_id: conversationId }) }
    const { messages, more_before, more_after } = await this.#ask('history', query)
    const sent = messages.map(sentMessage)
    this.#state.takeHistory(query, sent)
    return { messages: sent, more_before, more_after }
  }

  /** Messages of this room with these words, newest first; see `search` of the client. */
  search(text: string, options: SearchOptions = {}): Promise<SearchPage> {
    return searchIn(this.#host.requests, text, options, { roomId: this.id }, () => this)
  }

  /** Everything up to this ordinal is read; everything there is without it. */
  async markRead(upTo?: number): Promise<void> {
    const { read_to, unread } = await this.#ask('read_to', upTo === undefined ? {} : { up_to: upTo })
    this.#state.setRead(read_to, unread)
  }

  /** To be called for each key: tells the others that we type, at most once in 3 s, and that we stopped after a pause. */
  composing(): void {
    this.#composer.typed()
  }

  /** Tells the others that we stopped. */
  stopComposing(): void {
    this.#composer.stop()
  }

  /** Sends a file of at most 50 MB. */
  upload(bytes: Bytes, options: UploadOptions): Promise<UploadedFile> {
    return upload(this.#host.uploads, this.id, bytes, options)
  }

  // --- people

  /** Enters it. One that there is not is made, and is ours. */
  async join({ name, type }: JoinOptions = {}): Promise<void> {
    const { room, seq } = await this.#ask('join_room', {
      room_id: this.id,
      ...(name !== undefined && { room_name: name }),
      ...(type !== undefined && { room_type: type }),
    })
    this.#state.welcome({ room, seq })
    await this.refresh()
  }

  /** Leaves it. Without effect where we are not in it. */
  async leave(): Promise<void> {
    await this.#ask('leave_room', { room_id: this.id }).catch(error => {
      if (!(error instanceof ChatError) || error.code !== 'NOT_MEMBER') throw error
    })
    this.#state.leave('left')
  }

  /** Everybody in it, the first 500 of a crowd. */
  async members(): Promise<readonly Person[]> {
    return (await this.refresh()).members
  }

  /** Asks the server what there is to know of the room. */
  async refresh(): Promise<RoomInfo & { readonly members: readonly Person[] }> {
    const { members, typing_users: _, ...info } = await this.#ask('room', {})
    this.#state.describe(info)
    return { ...info, members }
  }

  /** Takes a user in. For its owner and admins. */
  async add(userId: string): Promise<void> {
    await this.#rest('POST', ['members'], { user_id: userId })
  }

  /** Puts a user out. For its owner and admins. */
  async remove(userId: string): Promise<void> {
    await this.#rest('DELETE', ['members', userId])
  }

  /** Makes an invitation that anybody with an account can accept, for `expiresIn` seconds. For its owner and admins. */
  async invite({ expiresIn }: { readonly expiresIn?: number | undefined } = {}): Promise<Invitation> {
    const body = expiresIn === undefined ? {} : { expires_in: expiresIn }
    return (await this.#rest('POST', ['invitations'], body)) as Invitation // as the endpoint's schema says
  }

  // --- the room itself

  /** Changes its name, who owns it, when the assistant answers, or whether it is closed. For its owner and admins. */
  async change(change: RoomChange): Promise<void> {
    this.#state.describe(await this.#ask('change_room', change))
  }

  /** Deletes it and its history, for everybody and for ever. For its owner and admins. */
  async delete(): Promise<void> {
    await this.#rest('DELETE', [])
    this.#state.leave('deleted')
  }

  #ask<T extends 'history' | 'read_to' | 'join_room' | 'leave_room' | 'room' | 'change_room'>(
    type: T,
    data: Asks[T]['data'],
  ) {
    return this.#host.requests.ask(type, data, { roomId: this.id })
  }

  #rest(method: 'POST' | 'DELETE', path: readonly string[], body?: object): Promise<unknown> {
    return this.#host.rest({ method, path: ['ws', 'rooms', this.id, ...path], body })
  }
}

/** Names no model, so that the agent takes its own, and asks it nevertheless. */
const ANY_MODEL = 'default'

/** Sends a question and waits for who answers it. Without `roomId` it begins a conversation. */
export async function askIn(host: RoomHost, roomId: string | null, text: string, options: SendOptions): Promise<Asked> {
  const clientId = options.clientId ?? newId()
  const question = host.asking.begin(clientId)
  try {
    const wishes = { model: ANY_MODEL, ...options, clientId }
    const message = await host.send(roomId, text, wishes)
    return { message, run: await question.run(message.id) }
  } finally {
    question.drop()
  }
}

/** A promise that may be left alone when it rejects. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** Throws ChatError where `text` is no message. */
export function checkText(text: string): void {
  if (text === '') throw new ChatError('MESSAGE_REQUIRED', 'A message has at least one character')
  const isLong = text.length > MESSAGE_MAX && (text.length > 2 * MESSAGE_MAX || codePoints(text) > MESSAGE_MAX)
  if (isLong) throw new ChatError('BODY_TOO_LONG', `A message has at most ${MESSAGE_MAX} characters`)
}
