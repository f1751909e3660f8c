import { type Clock, sleep, systemClock } from '../clock.ts'
import { asError } from '../errors.ts'
import { type Link, type Loss, openLink } from '../link.ts'
import type { WebSocketConfig } from './config.ts'
import { type AssistantFrame, readAssistantFrame } from './frames.ts'
import { masked, maskedFrame } from './masking.ts'

export interface WebSocketChatClientOptions {
  /** Every frame of the server, in order. */
  readonly onMessage?: ((frame: AssistantFrame) => unknown) | undefined
  /** What went wrong, in words. */
  readonly onError?: ((text: string) => unknown) | undefined
  /** The server is ready, after every connection. */
  readonly onConnected?: ((sessionId: string) => unknown) | undefined
  /** A connection was lost, and no other follows. */
  readonly onClosed?: (() => unknown) | undefined
  /** Whether a lost connection comes back, by an attempt every 3 s, signed in and in the same conversation. Default false. */
  readonly reconnect?: boolean | undefined
  /** Largest frame of the server, in bytes. Default 100 MiB. */
  readonly maxSize?: number | undefined
  /** Longest wait for a connection, in milliseconds. Default 30,000. */
  readonly timeout?: number | undefined
  /** What happens, for a log; credentials are left out. */
  readonly log?: ((level: 'INFO' | 'DEBUG', text: string) => unknown) | undefined
  /** Time, for tests. */
  readonly clock?: Clock | undefined
}

const MAX_SIZE = 104_857_600
const RECONNECT_MS = 3_000
/** The server is silent until it is spoken to; timers end here. */
const SILENCE_MS = 2_147_483_647
/** The server wants credentials, or the sign-in ended: trying again with the same is of no use. */
const FINAL_CODES: readonly number[] = [1008, 4001, 4401]

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting'; readonly stop: AbortController }
  | { readonly state: 'open'; readonly link: Link; readonly stop: AbortController }

/**
 * Talks with an AI assistant over the protocol of auto-bedrock-chat, for Node and browsers: the client of its examples in TypeScript.
 * No method throws or rejects; what goes wrong is told by `onError`.
 */
export class WebSocketChatClient implements AsyncDisposable {
  readonly config: WebSocketConfig
  readonly #options: WebSocketChatClientOptions
  readonly #clock: Clock
  readonly #maxSize: number
  #state: State = { state: 'idle' }

  constructor(config: WebSocketConfig, options: WebSocketChatClientOptions = {}) {
    this.config = config
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#maxSize = options.maxSize ?? MAX_SIZE
  }

  get sessionId(): string | null {
    return this.config.sessionId
  }

  get isAuthenticated(): boolean {
    return this.config.isAuthenticated
  }

  get isConnected(): boolean {
    return this.config.isConnected
  }

  /** Connects and sends the credentials. Whether that succeeded. */
  async connect(): Promise<boolean> {
    if (this.#state.state === 'open') return true
    if (this.#state.state === 'connecting') return false
    const stop = new AbortController()
    const failure = await this.#open(stop)
    if (failure === undefined) return true
    if (!stop.signal.aborted) this.#state = { state: 'idle' }
    this.#fail(failure)
    return false
  }

  /** Ends the connection after everything that was sent, and every attempt to get another. */
  async disconnect(): Promise<void> {
    const now = this.#state
    this.#state = { state: 'idle' }
    this.config.isConnected = false
    if (now.state !== 'idle') now.stop.abort()
    if (now.state === 'open') await now.link.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect()
  }

  /** Sends a frame. Whether the socket took it. */
  sendMessage(frame: object): boolean {
    if (this.#state.state !== 'open') return this.#fail('Not connected to WebSocket')
    try {
      this.#state.link.send(JSON.stringify(frame), 'Failed to send message')
    } catch (error) {
      return this.#fail(asError(error).message)
    }
    this.#log('DEBUG', `Message sent: ${masked(maskedFrame(frame), this.config)}`)
    return true
  }

  /** Asks something; the answer is a frame `ai_response`. */
  sendChatMessage(message: string): boolean {
    return this.sendMessage({ type: 'chat', message })
  }

  getHistory(): boolean {
    return this.sendMessage({ type: 'history' })
  }

  clearHistory(): boolean {
    return this.sendMessage({ type: 'clear' })
  }

  ping(): boolean {
    return this.sendMessage({ type: 'ping' })
  }

  logout(): boolean {
    return this.sendMessage({ type: 'logout' })
  }

  /** Why it did not succeed; undefined where it did. */
  async #open(stop: AbortController): Promise<string | undefined> {
    this.#state = { state: 'connecting', stop }
    this.#log('INFO', `Connecting to ${masked(this.config.endpoint, this.config)}...`)
    try {
      const link = await openLink({
        url: this.#url(),
        clock: this.#clock,
        timeout: this.#options.timeout ?? 30_000,
        silence: SILENCE_MS,
        signal: stop.signal,
        onText: (text, link) => this.#hear(text, link),
      })
      this.#state = { state: 'open', link, stop }
      this.config.isConnected = true
      this.#log('INFO', 'WebSocket connected')
      if (this.config.authType !== 'none') this.sendMessage(this.config.getAuthPayload())
      void link.ended.then(loss => this.#lost(loss, stop))
      return undefined
    } catch (error) {
      return asError(error).message
    }
  }

  /** The endpoint, and which conversation is to go on. */
  #url(): string {
    const { endpoint, sessionId } = this.config
    if (sessionId === null) return endpoint
    return `${endpoint}${endpoint.includes('?') ? '&' : '?'}session_id=${encodeURIComponent(sessionId)}`
  }

  async #lost({ code, reason }: Loss, stop: AbortController): Promise<void> {
    this.config.isConnected = false
    this.config.isAuthenticated = false
    if (stop.signal.aborted) return
    this.#state = { state: 'idle' }
    this.#fail(`Connection error: the connection was lost (code ${code}${reason && `: ${reason}`})`)
    if (this.#options.reconnect && !FINAL_CODES.includes(code)) await this.#comeBack(stop)
    else void this.#call(() => this.#options.onClosed?.())
  }

  async #comeBack(stop: AbortController): Promise<void> {
    do {
      this.#state = { state: 'connecting', stop }
      await sleep(this.#clock, RECONNECT_MS, stop.signal).catch(() => {})
      if (stop.signal.aborted) return
    } while ((await this.#open(stop)) !== undefined)
  }

  #hear(text: string, link: Link): void {
    if (this.#state.state !== 'open' && this.#state.state !== 'connecting') return
    if (isLonger(text, this.#maxSize)) {
      this.#fail(`Message too big: a frame exceeds the limit of ${this.#maxSize} bytes`)
      void link.close()
      return
    }
    this.#log('DEBUG', `Message received: ${masked(text, this.config)}`)
    try {
      this.#take(readAssistantFrame(text))
    } catch (error) {
      this.#fail(`Invalid message format: ${asError(error).message}`)
    }
  }

  #take(frame: AssistantFrame): void {
    if (frame.type === 'connection_established') {
      this.config.sessionId = frame.session_id
      this.config.isAuthenticated = true
      void this.#call(() => this.#options.onConnected?.(frame.session_id))
    } else if (frame.type === 'auth_response') {
      this.config.isAuthenticated = frame.success
      if (!frame.success) this.#fail(frame.message || 'Authentication failed')
    } else if (frame.type === 'logout_success') this.config.isAuthenticated = false
    void this.#call(() => this.#options.onMessage?.(frame))
  }

  /** Answers false, for what has no other answer. */
  #fail(text: string): false {
    void this.#call(() => this.#options.onError?.(masked(text, this.config)))
    return false
  }

  /** What a callback throws or rejects with is its own affair, and ends nothing here. */
  async #call(callback: () => unknown): Promise<void> {
    try {
      await callback()
    } catch (error) {
      this.#log('INFO', `A callback failed: ${asError(error).message}`)
    }
  }

  #log(level: 'INFO' | 'DEBUG', text: string): void {
    this.#options.log?.(level, text)
  }
}

/** Whether a text has more bytes in UTF-8. They are counted only where their number is in doubt. */
const isLonger = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes)
