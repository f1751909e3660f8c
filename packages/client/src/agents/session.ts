import type { DownFrame } from '@parley/protocol/agents/down'
import { CONTENT_MAX, codePoints, ERROR_TEXTS, SESSION_ID } from '@parley/protocol/agents/limits'
import { newId } from '../ids.ts'
import {
  type AgentMessage,
  type AgentProblem,
  type AgentTool,
  ask,
  type Conversation,
  EMPTY_CONVERSATION,
  flush,
  hear,
  toolsOf,
  waitingIn,
} from './conversation.ts'
import { QUEUE_MAX, type RobustOptions, RobustWebSocket } from './robust.ts'
import type { Message } from './socket.ts'

/** The part of the browser's `Storage` that is needed. */
export type SessionStorage = Pick<Storage, 'getItem' | 'setItem'>

export interface AgentSessionOptions extends RobustOptions {
  /** Default: one of our own, kept over a refresh of the page. */
  readonly sessionId?: string | undefined
  /** Where our own id is kept. Default: the tab's `sessionStorage`, where there is one. */
  readonly storage?: SessionStorage | undefined
  /** A label that the server keeps with what we ask. */
  readonly userId?: string | undefined
}

/** Where the connection is. */
export type AgentConnection =
  /** Nobody wants one. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** It was lost, or did not come about; the next attempt follows. */
  | { readonly state: 'waiting' }
  /** The last attempt failed. `reconnect()` begins anew. */
  | { readonly state: 'failed'; readonly message: string }

/** What is shown of a session. Another object whenever something changed, and the same one until then. */
export interface AgentSessionState {
  /** Null before the first connection. */
  readonly sessionId: string | null
  readonly connection: AgentConnection
  /** One for each question and one for each answer. */
  readonly messages: readonly AgentMessage[]
  /** Who speaks, or spoke last. */
  readonly agent: string | null
  /** The tools of the answer under way. */
  readonly tools: readonly AgentTool[]
  readonly model: string | null
  /** What the server refused since the last question. */
  readonly problem: AgentProblem | null
}

/** Before anything happened. */
export const IDLE_STATE: AgentSessionState = {
  sessionId: null,
  connection: { state: 'idle' },
  messages: [],
  agent: null,
  tools: [],
  model: null,
  problem: null,
}

/** What is wrong with the connection is in the state. */
const QUIET = { log: () => {}, error: (...words: unknown[]) => console.error(...words) }
const STORAGE_KEY = 'parley-agents-session'

/**
 * A session as a page shows it: connected while somebody listens, and restored after every lost connection and every refresh,
 * an answer under way included.
 */
export class AgentSession {
  readonly #options: AgentSessionOptions
  readonly #listeners = new Set<() => void>()
  #id: string | null
  #token: string | undefined
  #socket: RobustWebSocket | undefined
  #connection: AgentConnection = IDLE_STATE.connection
  #talk: Conversation = EMPTY_CONVERSATION
  #state: AgentSessionState
  /** What waits for somebody who listens. */
  #queue: Message[] = []
  /** Questions sent after the session was asked for, until it comes; undefined at all other times. */
  #later: Set<string> | undefined

  /** Connects to nothing yet and touches no storage. Throws TypeError where the id is none. */
  constructor(options: AgentSessionOptions = {}) {
    const { sessionId = null, token } = options
    if (sessionId !== null && !SESSION_ID.test(sessionId))
      throw new TypeError('The id of a session has 1 to 50 characters: letters, digits, _ and -')
    this.#options = options
    this.#id = sessionId
    this.#token = token
    this.#state = { ...IDLE_STATE, sessionId }
  }

  get state(): AgentSessionState {
    return this.#state
  }

  /** For the next connection. */
  set token(token: string | undefined) {
    this.#token = token
    if (this.#socket) this.#socket.token = token
  }

  /** Calls `listener` after every change. The first listener connects; after the last one is gone, the connection ends. */
  subscribe(listener: () => void): () => void {
    const own = () => listener()
    this.#listeners.add(own)
    if (!this.#socket) this.#open()
    return () => {
      this.#listeners.delete(own)
      // Who comes back at once finds the connection as it was.
      queueMicrotask(() => {
        if (this.#listeners.size === 0) this.#end()
      })
    }
  }

  /**
   * Asks the team; without a connection as soon as there is one. Answers false where there is nothing to ask, where nobody
   * listens, and where `problem` tells why: a text over 10,000 characters, or 1,000 questions that wait for a connection.
   */
  send(content: string): boolean {
    const socket = this.#socket
    if (content.trim() === '' || !socket) return false
    const problem = problemOf(content, socket)
    if (problem) {
      this.#change({ ...this.#talk, problem })
      return false
    }
    const waiting = socket.messageQueue.length
    socket.sendMessage(content, this.#options.userId)
    const state = socket.messageQueue.length > waiting ? 'waiting' : 'sent'
    this.#later?.add(`${this.#talk.ids}`)
    this.#change(ask(this.#talk, content, new Date().toISOString(), state))
    return true
  }

  /** Asks for another model from now on: `model` or `problem` follows. Answers whether there was a connection. */
  switchModel(model: string): boolean {
    return this.#socket?.switchModel(model) ?? false
  }

  /** Tries to connect now, without the rest of the wait; after the last attempt, too. */
  reconnect(): void {
    const socket = this.#socket
    if (!socket || this.#connection.state === 'open') return
    socket.reconnectAttempts = 0
    this.#connect(socket)
  }

  /** Begins another session, with an id of our own. What was said is no longer shown. */
  restart(): void {
    this.#end()
    this.#talk = EMPTY_CONVERSATION
    this.#queue = []
    this.#id = newId()
    if (this.#listeners.size > 0) this.#open()
    else this.#show()
  }

  #open(): void {
    this.#id ??= this.#kept() ?? newId()
    if (this.#options.sessionId === undefined) this.#keep(this.#id)
    const socket = new RobustWebSocket(this.#id, { logger: QUIET, ...this.#options, token: this.#token })
    this.#socket = socket
    socket.messageQueue = this.#queue
    socket.onConnected = () => this.#connected(socket)
    socket.handleMessage = frame => this.#hear(frame)
    socket.onDisconnected = () => this.#move({ state: 'waiting' })
    socket.onMaxReconnectAttemptsReached = () => {
      this.#move({ state: 'failed', message: 'The server could not be reached, or refused the connection' })
    }
    this.#connect(socket)
  }

  #connect(socket: RobustWebSocket): void {
    this.#move({ state: 'connecting' })
    socket.connect()
  }

  #end(): void {
    const socket = this.#socket
    if (!socket) return
    this.#socket = undefined
    this.#queue = socket.messageQueue
    socket.onDisconnected = () => undefined
    socket.handleMessage = () => undefined
    socket.close()
    this.#move(IDLE_STATE.connection)
  }

  /** What waits follows right after the request. */
  #connected(socket: RobustWebSocket): void {
    this.#later = new Set(waitingIn(this.#talk))
    socket.restoreSession()
    this.#talk = flush(this.#talk)
    this.#move({ state: 'open' })
  }

  #hear(frame: DownFrame): void {
    const next = hear(this.#talk, frame, this.#later ?? new Set())
    if (frame.type === 'session_restored') this.#later = undefined
    this.#change(next)
  }

  #move(connection: AgentConnection): void {
    this.#connection = connection
    this.#show()
  }

  #change(talk: Conversation): void {
    if (talk === this.#talk) return
    this.#talk = talk
    this.#show()
  }

  #show(): void {
    this.#state = this.#look()
    for (const listener of [...this.#listeners]) listener()
  }

  #look(): AgentSessionState {
    const { messages, agent, model, problem } = this.#talk
    const tools = toolsOf(this.#talk)
    return { sessionId: this.#id, connection: this.#connection, messages, agent, tools, model, problem }
  }

  // --- the id, over a refresh. Pages may be without a storage, and a storage may be full.

  get #storage(): SessionStorage | undefined {
    return this.#options.storage ?? globalThis.sessionStorage
  }

  #kept(): string | undefined {
    try {
      const kept = this.#storage?.getItem(STORAGE_KEY) ?? ''
      return SESSION_ID.test(kept) ? kept : undefined
    } catch {
      return undefined
    }
  }

  #keep(id: string): void {
    try {
      this.#storage?.setItem(STORAGE_KEY, id)
    } catch {
      // The session ends with the page.
    }
  }
}

function problemOf(content: string, { messageQueue }: RobustWebSocket): AgentProblem | undefined {
  if (codePoints(content) > CONTENT_MAX) return { code: 'CONTENT_TOO_LONG', message: ERROR_TEXTS.CONTENT_TOO_LONG }
  if (messageQueue.length >= QUEUE_MAX) return { code: 'SESSION_BUSY', message: ERROR_TEXTS.SESSION_BUSY }
  return undefined
}
