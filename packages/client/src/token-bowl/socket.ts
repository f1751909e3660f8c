import { CLOSE, CONTENT_MAX, codePoints, HTTP_TIMEOUT_MS, TEXTS } from '@parley/protocol/token-bowl/limits'
import { backoff } from '../backoff.ts'
import { type Clock, sleep, systemClock } from '../clock.ts'
import { createEmitter, type Emitter, type Listener } from '../emitter.ts'
import { AuthenticationError, asError, NetworkError, ValueError } from '../errors.ts'
import type { Link, Loss } from '../link.ts'
import { createQueue } from '../queue.ts'
import { createCatchUp } from './catch-up.ts'
import { KEY_REQUIRED, TokenBowlClient } from './client.ts'
import { type Dialled, dial, lossError } from './dial.ts'
import type { Incoming } from './frames.ts'
import { type ReconnectOptions, subscribe, type TokenBowlEvents, type TokenBowlWebSocketOptions } from './options.ts'
import { keyOf, type Place, placeOf } from './place.ts'
import type { MessageResponse } from './types.ts'

/** From `connect()` to the end: one connection, or with reconnection any number of them. */
interface Run {
  readonly stop: AbortController
  readonly dial: () => Promise<Dialled>
  /** Attempts since a connection last proved stable. */
  attempts: number
}

type State =
  | { readonly state: 'new' }
  | { readonly state: 'connecting'; readonly run: Run; readonly ready: Promise<void> }
  | { readonly state: 'open'; readonly run: Run; readonly link: Link; readonly since: number }
  | { readonly state: 'closing'; readonly done: Promise<void> }
  | { readonly state: 'ended' }

/** A connection that lived this long resets the waits between attempts, in milliseconds. */
const STABLE_MS = 10_000

/**
 * A live connection to Token Bowl Chat, for Node and browsers.
 *
 * What arrives goes to callbacks (`onMessage`, ...), listeners (`on`) and loops (`messages`), in the order in which the
 * server sent it. Whatever they throw or reject with goes to `onError` and stops nothing.
 *
 * With `reconnect`, every message that the server stored after `connect()` was called is delivered once, over any number
 * of lost connections; receipts and typing are not made up for.
 */
export class TokenBowlWebSocket implements AsyncDisposable {
  readonly #apiKey: string | undefined
  readonly #place: Place
  readonly #clock: Clock
  readonly #timeout: number
  readonly #reconnect: ReconnectOptions | undefined
  readonly #emitter: Emitter<TokenBowlEvents>
  #state: State = { state: 'new' }
  #over = Promise.withResolvers<Error | undefined>()

  constructor(options: TokenBowlWebSocketOptions = {}) {
    const { clock = systemClock, timeout = HTTP_TIMEOUT_MS, reconnect = false, handlers } = options
    this.#apiKey = keyOf(options.apiKey)
    this.#place = placeOf(options.baseUrl)
    this.#clock = clock
    this.#timeout = timeout
    this.#reconnect = reconnect === true ? {} : reconnect || undefined
    this.#emitter = createEmitter((error, event) => {
      // What an error listener throws has nowhere left to go.
      if (event !== 'error') this.#emitter.emit('error', error)
    })
    subscribe(this.#emitter, options)
    if (handlers) subscribe(this.#emitter, handlers)
  }

  /** A connected one, for `await using`. */
  static async open(options?: TokenBowlWebSocketOptions): Promise<TokenBowlWebSocket> {
    const ws = new TokenBowlWebSocket(options)
    await ws.connect()
    return ws
  }

  /**
   * Connects, runs `fn`, and disconnects, whatever happens. Resolves with what `fn` does; when `signal` aborts, with
   * undefined at once, without waiting for `fn`.
   */
  static async use<T>(
    options: TokenBowlWebSocketOptions & { signal?: AbortSignal | undefined },
    fn: (ws: TokenBowlWebSocket) => T | Promise<T>,
  ): Promise<T | undefined> {
    const { signal, ...rest } = options
    if (signal?.aborted) return undefined
    const ws = new TokenBowlWebSocket(rest)
    const aborted = Promise.withResolvers<undefined>()
    const abort = () => aborted.resolve(undefined)
    signal?.addEventListener('abort', abort)
    try {
      return await Promise.race([aborted.promise, ws.connect().then(() => fn(ws))])
    } finally {
      signal?.removeEventListener('abort', abort)
      await ws.disconnect()
    }
  }

  /** True from `connect()` until `disconnect()` or the loss of the connection. */
  get isConnected(): boolean {
    return this.#state.state === 'open'
  }

  /**
   * Resolves once connected. Rejects with AuthenticationError (no key, or one that is not taken) or NetworkError. The first
   * attempt is not repeated, with `reconnect` neither. Without effect when connected already.
   */
  async connect(): Promise<void> {
    const now = this.#state
    switch (now.state) {
      case 'open':
        return
      case 'connecting':
        return now.ready
      case 'closing':
        await now.done
        return this.connect()
      case 'new':
      case 'ended':
        return this.#begin()
      default:
        now satisfies never
    }
  }

  /** Says goodbye after everything that was sent. Resolves once the connection is over; never rejects. */
  async disconnect(): Promise<void> {
    const now = this.#state
    switch (now.state) {
      case 'new':
      case 'ended':
        return
      case 'closing':
        return now.done
      case 'connecting':
        now.run.stop.abort(new NetworkError('Failed to connect: disconnect() was called'))
        return this.#end(undefined)
      case 'open': {
        const done = now.link.close().then(() => {
          this.#end(undefined)
          this.#emitter.emit('disconnect')
        })
        this.#state = { state: 'closing', done }
        return done
      }
      default:
        now satisfies never
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect()
  }

  /**
   * Resolves once it is over for good: with undefined after `disconnect()`, else with the error that ended it. A lost
   * connection that will be replaced is not the end.
   */
  closed(): Promise<Error | undefined> {
    return this.#over.promise
  }

  /** Adds a listener; the answer removes it. */
  on<E extends keyof TokenBowlEvents>(event: E, listener: Listener<TokenBowlEvents[E]>): () => void {
    return this.#emitter.on(event, listener)
  }

  /**
   * The messages from this call on, for `for await`. They wait in memory until the loop takes them. The loop ends after
   * `disconnect()`, and throws the error when the connection is lost for good.
   */
  messages(): AsyncGenerator<MessageResponse, undefined> {
    const queue = createQueue<MessageResponse>(() => off())
    const off = this.on('message', queue.push)
    void this.closed().then(queue.end)
    return queue.values
  }

  /**
   * Sends to the room, or to one user. Resolves once the socket took the message; its id comes with `onMessageSent`. Rejects
   * with ValueError when not connected or when `content` has no 1 to 10,000 characters, else with NetworkError.
   */
  async sendMessage(content: string, { toUsername }: { toUsername?: string | null | undefined } = {}): Promise<void> {
    const link = this.#link()
    if (!isContent(content)) throw new ValueError(TEXTS.contentLength)
    send(link, { type: 'message', content, to_username: toUsername || undefined }, 'send message')
  }

  /** Rejects, like all below, with ValueError when not connected and NetworkError when the socket takes nothing. */
  async markMessageRead(messageId: string): Promise<void> {
    send(this.#link(), { type: 'mark_read', message_id: messageId }, 'mark message as read')
  }

  /** The room's and the direct ones. */
  async markAllMessagesRead(): Promise<void> {
    send(this.#link(), { type: 'mark_all_read' }, 'mark all messages as read')
  }

  async markRoomMessagesRead(): Promise<void> {
    send(this.#link(), { type: 'mark_room_read' }, 'mark room messages as read')
  }

  async markDirectMessagesRead(fromUsername: string): Promise<void> {
    send(this.#link(), { type: 'mark_direct_read', from_username: fromUsername }, 'mark direct messages as read')
  }

  /** The answer comes with `onUnreadCount`. */
  async getUnreadCount(): Promise<void> {
    send(this.#link(), { type: 'get_unread_count' }, 'get unread count')
  }

  /** To the room, or to one user. Repeat it about every 3 s while somebody composes; nothing tells that they stopped. */
  async sendTypingIndicator({ toUsername }: { toUsername?: string | null | undefined } = {}): Promise<void> {
    send(this.#link(), { type: 'typing', to_username: toUsername || undefined }, 'send typing indicator')
  }

  #link(): Link {
    if (this.#state.state === 'open') return this.#state.link
    throw new ValueError('WebSocket not connected. Call connect() first.')
  }

  #begin(): Promise<void> {
    if (this.#apiKey === undefined) throw new AuthenticationError(KEY_REQUIRED)
    if (this.#state.state === 'ended') this.#over = Promise.withResolvers()
    const run = this.#newRun(this.#apiKey)
    const ready = this.#open(run).catch(error => {
      if (!run.stop.signal.aborted) this.#end(asError(error))
      throw error
    })
    this.#state = { state: 'connecting', run, ready }
    return ready
  }

  #newRun(apiKey: string): Run {
    const { http, socket } = this.#place
    const stop = new AbortController()
    const common = { timeout: this.#timeout, clock: this.#clock, signal: stop.signal }
    const client = new TokenBowlClient({ ...common, apiKey, baseUrl: http })
    const catchUp = this.#reconnect && createCatchUp(client)
    const url = `${socket}?api_key=${encodeURIComponent(apiKey)}`
    return { stop, dial: () => dial({ ...common, url, client, catchUp }), attempts: 0 }
  }

  async #open(run: Run): Promise<void> {
    const { link, start } = await run.dial()
    if (run.stop.signal.aborted) {
      void link.close()
      throw run.stop.signal.reason
    }
    this.#state = { state: 'open', run, link, since: this.#clock.now() }
    this.#emitter.emit('connect')
    // Not in this turn: whoever waits for connect() adds their listeners first.
    setTimeout(() => {
      start(frame => {
        // disconnect() may have been called, by a callback too.
        if (this.#isOn(link)) this.#deliver(frame)
      })
      void link.ended.then(loss => this.#lost(link, loss))
    })
  }

  #isOn(link: Link): boolean {
    return this.#state.state === 'open' && this.#state.link === link
  }

  /** A connection is over. Ours to report unless we ended it. */
  #lost(link: Link, loss: Loss): void {
    const now = this.#state
    if (now.state !== 'open' || now.link !== link) return
    const error = lossError(loss)
    if (!this.#reconnect || loss.code === CLOSE.revoked) this.#end(error)
    else {
      if (this.#clock.now() - now.since >= STABLE_MS) now.run.attempts = 0
      const ready = this.#reopen(now.run, this.#reconnect)
      // Reported to the error listeners; whoever called connect() meanwhile hears of it too.
      ready.catch(() => {})
      this.#state = { state: 'connecting', run: now.run, ready }
    }
    this.#emitter.emit('error', error)
    this.#emitter.emit('disconnect')
  }

  async #reopen(run: Run, options: ReconnectOptions): Promise<void> {
    const { attempts = Number.POSITIVE_INFINITY } = options
    for (;;) {
      await sleep(this.#clock, backoff(options, run.attempts++, this.#clock.random()), run.stop.signal)
      try {
        return await this.#open(run)
      } catch (thrown) {
        const error = asError(thrown)
        if (run.stop.signal.aborted) throw error
        const last = error instanceof AuthenticationError || run.attempts >= attempts
        if (last) this.#end(error)
        this.#emitter.emit('error', error)
        if (last) throw error
      }
    }
  }

  #end(error: Error | undefined): void {
    this.#state = { state: 'ended' }
    this.#over.resolve(error)
  }

  #deliver(frame: Incoming): void {
    const { emit } = this.#emitter
    switch (frame.is) {
      case 'message':
        return emit('message', frame.message)
      case 'message_sent':
        return emit('messageSent', frame.message)
      case 'read_receipt':
        return emit('readReceipt', frame.messageId, frame.readBy, frame.readAt)
      case 'unread_count':
        return emit('unreadCount', frame.count)
      case 'typing':
        return emit('typing', frame.username, frame.toUsername)
      case 'error':
        return emit('error', frame.error)
      case 'ping':
        return
      default:
        frame satisfies never
    }
  }
}

const send = (link: Link, frame: object, what: string): void => link.send(JSON.stringify(frame), `Failed to ${what}`)

function isContent(content: unknown): boolean {
  if (typeof content !== 'string' || content === '' || content.length > CONTENT_MAX * 2) return false
  return codePoints(content) <= CONTENT_MAX
}
