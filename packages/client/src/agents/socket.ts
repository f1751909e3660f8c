import type {
  ChunkFrame,
  CompletionFrame,
  DownFrame,
  ErrorFrame,
  ModelSwitchedFrame,
  RestoredFrame,
  SwitchFrame,
  ToolFrame,
} from '@parley/protocol/agents/down'
import { ANONYMOUS, isPing } from '@parley/protocol/agents/limits'
import { type Clock, systemClock } from '../clock.ts'
import { asError } from '../errors.ts'
import { socketPlaceOf } from './place.ts'

export interface AgentsOptions {
  /** Default: the variable `PARLEY_URL`, else the server that the page came from, else this machine, port 8000. */
  readonly url?: string | undefined
  /** An API key, or the token of a sign-in. Default: none, as a guest. */
  readonly token?: string | undefined
  /** Where connections, unknown frames and failing handlers are told. Default: the console. */
  readonly logger?: Pick<Console, 'log' | 'error'> | undefined
  /** Time, for tests. */
  readonly clock?: Clock | undefined
}

/** Something about the connection is wrong. */
export interface ConnectionFault {
  readonly message: string
  /** Of the socket, where it told. */
  readonly event?: Event | undefined
}

/** What the server answered, or what is wrong with the connection. Both have a `message` for people. */
export type AgentsFault = ErrorFrame | ConnectionFault

/** A `message` as it travels. */
export interface Message {
  readonly type: 'message'
  readonly content: string
  readonly user_id: string
  /** ISO 8601. */
  readonly timestamp: string
}

/**
 * A session with a team of agents, for Node and browsers: the client of BooksWriter's guide in TypeScript. Assign or override
 * the handlers; what they throw is logged and stops nothing. After every close, whoever closed, it comes back: the n-th attempt
 * in a row n seconds later, five at most. Only `close()` is final.
 */
export class BooksWriterWebSocket {
  readonly sessionId: string
  /** The socket of the latest connection. */
  ws: WebSocket | null = null
  /** Since the last connection that opened. */
  reconnectAttempts = 0
  maxReconnectAttempts = 5
  /** In milliseconds. */
  reconnectDelay = 1_000
  /** For the next connection. */
  token: string | undefined
  /** When a frame other than a heartbeat last came or went, in milliseconds since 1970. */
  lastActivity: number
  protected readonly logger: Pick<Console, 'log' | 'error'>
  readonly #clock: Clock
  readonly #place: string
  #isClosed = false
  #cancelTimer: (() => void) | undefined

  /** Connects to nothing yet. Throws TypeError where the URL is none. */
  constructor(sessionId: string, { url, token, logger = console, clock = systemClock }: AgentsOptions = {}) {
    this.sessionId = sessionId
    this.token = token
    this.logger = logger
    this.#clock = clock
    this.#place = socketPlaceOf(url)
    this.lastActivity = clock.now()
  }

  /** Without effect while connecting or connected. */
  connect(): void {
    this.#isClosed = false
    this.#cancelTimer?.()
    if (this.ws && this.ws.readyState <= WebSocket.OPEN) return
    const query = this.token === undefined ? '' : `?token=${encodeURIComponent(this.token)}`
    try {
      this.#listen(new WebSocket(`${this.#place}/${encodeURIComponent(this.sessionId)}${query}`))
    } catch {
      // The platform's own words would repeat the URL, and with it the token.
      this.tell(() => this.onError({ message: 'Failed to connect: this page may not open such a WebSocket' }))
    }
  }

  /** Ends the connection after everything that was sent, and every attempt to get another, until `connect()` is called. */
  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    this.ws?.close(1000)
  }

  /** Asks the team. Without a connection it is logged and dropped. */
  sendMessage(content: string, userId: string | null = null): void {
    if (!this.send(this.message(content, userId))) this.logger.error('WebSocket is not connected')
  }

  /** Sends a frame. Whether there was a connection to take it. */
  send(frame: object): boolean {
    if (this.ws?.readyState !== WebSocket.OPEN) return false
    this.ws.send(JSON.stringify(frame))
    if (!('content' in frame) || !isPing(frame.content)) this.lastActivity = this.#clock.now()
    return true
  }

  /** Asks for everything said so far, which comes to `onSessionRestored`. Whether there was a connection. */
  restoreSession(): boolean {
    return this.send({ type: 'session_restore', content: '', timestamp: new Date().toISOString() })
  }

  /** Asks for another model from now on; `onModelSwitched` or `onError` follows. Whether there was a connection. */
  switchModel(model: string): boolean {
    const frame = { type: 'model_switch', content: model, options: { model } }
    return this.send({ ...frame, timestamp: new Date().toISOString() })
  }

  /** Gives a frame of the server to its handler. */
  handleMessage(frame: DownFrame): unknown {
    switch (frame.type) {
      case 'stream_chunk':
        return this.onStreamChunk(frame)
      case 'agent_switch':
        return this.onAgentSwitch(frame)
      case 'tool_execution':
        return this.onToolExecution(frame)
      case 'error':
        return this.onError(frame)
      case 'completion':
        return this.onCompletion(frame)
      case 'session_restored':
        return this.onSessionRestored(frame)
      case 'model_switched':
        return this.onModelSwitched(frame)
      case 'connection_established':
      case 'pong':
      case 'stream_end':
        return undefined
      default:
        // Of a newer server.
        return this.logger.log('Unknown message type:', (frame satisfies never as { readonly type: string }).type)
    }
  }

  /** Called after every close but that of `close()`: makes the next attempt, where there is one. */
  handleReconnection(): void {
    if (this.reconnectAttempts >= this.maxReconnectAttempts) return
    this.reconnectAttempts++
    this.connectIn(this.reconnectDelay * this.reconnectAttempts)
  }

  // --- handlers

  onConnected(_event: Event): unknown {
    return undefined
  }
  /** After every connection that ended, and every attempt that failed. */
  onDisconnected(_event: CloseEvent): unknown {
    return undefined
  }
  onStreamChunk(_frame: ChunkFrame): unknown {
    return undefined
  }
  onAgentSwitch(_frame: SwitchFrame): unknown {
    return undefined
  }
  onToolExecution(_frame: ToolFrame): unknown {
    return undefined
  }
  onError(_fault: AgentsFault): unknown {
    return undefined
  }
  onCompletion(_frame: CompletionFrame): unknown {
    return undefined
  }
  onSessionRestored(_frame: RestoredFrame): unknown {
    return undefined
  }
  onModelSwitched(_frame: ModelSwitchedFrame): unknown {
    return undefined
  }

  // --- for subclasses

  protected get isClosed(): boolean {
    return this.#isClosed
  }

  protected message(content: string, userId: string | null): Message {
    return { type: 'message', content, user_id: userId || ANONYMOUS, timestamp: new Date().toISOString() }
  }

  /** The connection is open, and `onConnected` knows. */
  protected opened(): void {}

  /** Connects in so many milliseconds; an earlier wait is over. Without effect after `close()`. */
  protected connectIn(delay: number): void {
    this.#cancelTimer?.()
    if (this.#isClosed) return
    this.#cancelTimer = this.#clock.after(delay, () => {
      this.logger.log(`Reconnection attempt ${this.reconnectAttempts}`)
      this.connect()
    })
  }

  /** Calls a handler, whatever it throws. */
  protected tell(call: () => unknown): void {
    const failed = (thrown: unknown) => this.logger.error('A handler failed:', asError(thrown))
    try {
      const result = call()
      if (result !== undefined) Promise.resolve(result).catch(failed)
    } catch (thrown) {
      failed(thrown)
    }
  }

  // --- the socket

  /** A socket that another one replaced is not heard. */
  #listen(socket: WebSocket): void {
    this.ws = socket
    const on = <K extends keyof WebSocketEventMap>(type: K, listener: (event: WebSocketEventMap[K]) => void) =>
      socket.addEventListener(type, event => {
        if (this.ws === socket) listener(event)
      })
    on('open', event => {
      this.logger.log('Connected to BooksWriter')
      this.reconnectAttempts = 0
      this.tell(() => this.onConnected(event))
      this.opened()
    })
    on('message', ({ data }) => this.#hear(data))
    on('error', event => this.tell(() => this.onError({ message: 'The connection failed', event })))
    on('close', event => {
      this.logger.log('Disconnected from BooksWriter')
      this.tell(() => this.onDisconnected(event))
      if (!this.#isClosed) this.tell(() => this.handleReconnection())
    })
  }

  #hear(data: unknown): void {
    const frame = readFrame(data)
    if (!frame) return this.tell(() => this.onError({ message: 'The server sent something that is no frame' }))
    if (frame.type !== 'pong') this.lastActivity = this.#clock.now()
    this.tell(() => this.handleMessage(frame))
  }
}

/** What is inside is what the server promises; a validator in the browser would weigh more than everything else. */
function readFrame(data: unknown): DownFrame | undefined {
  try {
    const frame: unknown = JSON.parse(String(data))
    const { type } = Object(frame) as { type?: unknown } // checked here
    return typeof type === 'string' ? (frame as DownFrame) : undefined
  } catch {
    return undefined
  }
}
