import { MAX_CHUNK_BYTES } from '@parley/protocol/rooms/limits'
import { type Bytes, base64, part, sha256, sizeOf } from '../bytes.ts'
import { ChatError } from '../chat/errors.ts'
import { type Clock, sleep, systemClock } from '../clock.ts'
import { createEmitter, type Emitter, type Listener } from '../emitter.ts'
import { asError } from '../errors.ts'
import { newId } from '../ids.ts'
import { type Link, openLink } from '../link.ts'
import {
  type ChatFrame,
  type ErrorFrame,
  type FileUploadFrame,
  type Joined,
  type Left,
  type RoomsFrame,
  type RoomsFrameOf,
  type RoomsFrameType,
  readRoomsFrame,
  type TypingFrame,
  type Uploaded,
} from './frames.ts'
import { createWaiters, type Waiters } from './waiters.ts'

export interface WebSocketChatClientOptions {
  /** The WebSocket of the server. Default `ws://localhost:8000/api/v1/ws/ws`. */
  readonly url?: string | undefined
  /** Longest wait for a connection or an answer, in milliseconds. Default 30,000. */
  readonly timeout?: number | undefined
  /** Time and chance, for tests. */
  readonly clock?: Clock | undefined
}

/** A frame to be sent. */
export interface UpFrame {
  readonly type: string
  readonly data: object
  readonly room_id?: string | null
  readonly message_id?: string
}

export interface UploadFileOptions {
  readonly name: string
  readonly mimeType?: string | undefined
  /** At most 1 MiB, in bytes. Default: that. */
  readonly chunkSize?: number | undefined
  /** Called with 0 to 1 after each part that the server has. */
  readonly onProgress?: ((progress: number) => unknown) | undefined
}

/** Frames of the server by their type; `open`, `close` of a connection; and `failed`, with what a listener threw. */
export type WebSocketChatEvents = { [T in RoomsFrameType]: [frame: RoomsFrameOf<T>] } & {
  open: []
  close: []
  failed: [error: Error]
}

const DEFAULT_URL = 'ws://localhost:8000/api/v1/ws/ws'
const ATTEMPTS_MAX = 5
const SILENCE_MS = 90_000

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'open'; readonly link: Link }
  | { readonly state: 'closed' }

/**
 * The chat client that the rooms protocol's guide prints, for Node and browsers. Override `handleChatMessage` and its like, or
 * use `on`. After any loss of the connection it tries up to five times to come back, 2, 4, 8, 16 and 32 s later.
 */
export class WebSocketChatClient implements AsyncDisposable {
  readonly token: string
  roomId: string | null
  /** Attempts since a connection was last open. */
  reconnectAttempts = 0
  readonly #url: string
  readonly #timeout: number
  readonly #clock: Clock
  readonly #emitter: Emitter<WebSocketChatEvents>
  readonly #waiters: Waiters
  readonly #stop = new AbortController()
  #state: State = { state: 'idle' }
  #opened = Promise.withResolvers<void>()
  #uploads: Promise<unknown> = Promise.resolve()

  constructor(token: string, roomId: string | null = null, options: WebSocketChatClientOptions = {}) {
    const { url = DEFAULT_URL, timeout = 30_000, clock = systemClock } = options
    this.token = token
    this.roomId = roomId
    this.#url = url
    this.#timeout = timeout
    this.#clock = clock
    this.#waiters = createWaiters(clock, timeout)
    this.#emitter = createEmitter((error, event) => {
      if (event !== 'failed') this.#emitter.emit('failed', error)
    })
    this.#opened.promise.catch(() => {})
  }

  /** Whether frames can be sent. */
  get isOpen(): boolean {
    return this.#state.state === 'open'
  }

  /** Resolves once open, after however many attempts; rejects with ChatError when the last one failed. May be left alone. */
  connect(): Promise<void> {
    if (this.#state.state === 'idle') void this.#open()
    return this.#opened.promise
  }

  /** Sends a message to the room, or to the assistant where there is none. Answers its `message_id`. */
  sendChatMessage(text: string, conversationId: number | null = null): string {
    const message_id = `msg-${this.#clock.now()}`
    const data = { message: text, conversation_id: conversationId, model_preference: 'gpt-4' }
    this.send({ type: 'chat', data, room_id: this.roomId, message_id })
    return message_id
  }

  sendTypingIndicator(isTyping: boolean): void {
    this.send({ type: 'typing', data: { is_typing: isTyping, room_id: this.roomId } })
  }

  /** Sends a frame. Does nothing unless open. */
  send(frame: UpFrame): void {
    if (this.#state.state !== 'open') return
    try {
      this.#state.link.send(JSON.stringify(frame), 'Failed to send')
    } catch {
      // It is closing, as if it were closed.
    }
  }

  /** Enters a room; resolves with the server's word. Rejects with ChatError. */
  async joinRoom(roomId: string, { name, type }: { name?: string; type?: string } = {}): Promise<Joined> {
    const data = { room_id: roomId, room_name: name, room_type: type }
    return this.#ask('join_room', data, frame =>
      frame.type === 'join_room' && frame.data.room_id === roomId ? frame.data : undefined,
    )
  }

  /** Leaves a room, by default the client's. Rejects with ChatError. */
  async leaveRoom(roomId = this.roomId ?? ''): Promise<Left> {
    return this.#ask('leave_room', { room_id: roomId }, frame =>
      frame.type === 'leave_room' && frame.data.room_id === roomId ? frame.data : undefined,
    )
  }

  /** Sends a file to the client's room, one after the other. Rejects with ChatError, also when the connection is lost. */
  uploadFile(bytes: Bytes, options: UploadFileOptions): Promise<Uploaded> {
    const done = this.#uploads.then(() => this.#upload(bytes, options))
    this.#uploads = done.catch(() => {})
    return done
  }

  // --- for users to override

  handleChatMessage(_frame: ChatFrame): void {}
  handleTypingIndicator(_frame: TypingFrame): void {}
  handleFileUpload(_frame: FileUploadFrame): void {}
  handleError(_frame: ErrorFrame): void {}

  /** Passes a frame on by its type; other types are ignored. */
  handleMessage(frame: RoomsFrame): void {
    switch (frame.type) {
      case 'chat':
        return this.handleChatMessage(frame)
      case 'typing':
        return this.handleTypingIndicator(frame)
      case 'file_upload':
        return this.handleFileUpload(frame)
      case 'error':
        return this.handleError(frame)
      default:
    }
  }

  // --- the connection

  /** Calls `listener` for each frame of a type; the answer takes that back. */
  on<E extends keyof WebSocketChatEvents>(event: E, listener: Listener<WebSocketChatEvents[E]>): () => void {
    return this.#emitter.on(event, listener)
  }

  /** Waits 2, 4, 8, 16 or 32 s and connects again; after the fifth time it gives up. */
  async attemptReconnect(): Promise<void> {
    if (this.reconnectAttempts >= ATTEMPTS_MAX)
      return this.#end(new ChatError('UNREACHABLE', 'No connection after 5 attempts'))
    this.#state = { state: 'connecting' }
    this.reconnectAttempts++
    const wait = 2 ** this.reconnectAttempts * 1_000
    await sleep(this.#clock, wait, this.#stop.signal).then(
      () => this.#open(),
      () => {},
    )
  }

  /** Ends it for good: it does not come back. */
  async close(): Promise<void> {
    const now = this.#state
    this.#end(new ChatError('CLOSED', 'close() was called'))
    this.#stop.abort()
    if (now.state === 'open') await now.link.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #end(error: ChatError): void {
    this.#state = { state: 'closed' }
    this.#opened.reject(error)
    this.#waiters.lost()
  }

  async #open(): Promise<void> {
    this.#state = { state: 'connecting' }
    const query = new URLSearchParams({ token: this.token, ...(this.roomId !== null && { room_id: this.roomId }) })
    const options = { clock: this.#clock, timeout: this.#timeout, silence: SILENCE_MS, signal: this.#stop.signal }
    try {
      const link = await openLink({ ...options, url: `${this.#url}?${query}`, onText: text => this.#hear(text) })
      if (this.#stop.signal.aborted) return void link.close()
      this.#state = { state: 'open', link }
      this.reconnectAttempts = 0
      this.#opened.resolve()
      this.#emitter.emit('open')
      await link.ended
      this.#waiters.lost()
      this.#emitter.emit('close')
    } catch {
      // Like a lost one.
    }
    if (!this.#stop.signal.aborted) await this.attemptReconnect()
  }

  #hear(text: string): void {
    const frame = readRoomsFrame(text)
    if (!frame || this.#state.state === 'closed') return
    this.#waiters.hear(frame)
    try {
      this.handleMessage(frame)
    } catch (thrown) {
      this.#emitter.emit('failed', asError(thrown))
    }
    this.#emit(frame.type, frame)
  }

  #emit<T extends RoomsFrameType>(type: T, frame: RoomsFrame): void {
    // A frame is told under its own type.
    const args = [frame] as unknown as WebSocketChatEvents[T]
    this.#emitter.emit(type, ...args)
  }

  async #ask<T>(type: string, data: object, pick: (frame: RoomsFrame) => T | undefined): Promise<T> {
    if (this.#state.state !== 'open') throw new ChatError('UNREACHABLE', 'Not connected')
    const message_id = newId()
    const answer = this.#waiters.wait(message_id, pick)
    this.send({ type, data, room_id: this.roomId, message_id })
    return answer
  }

  async #upload(bytes: Bytes, options: UploadFileOptions): Promise<Uploaded> {
    const { name, mimeType = 'application/octet-stream', chunkSize = MAX_CHUNK_BYTES, onProgress } = options
    if (!(chunkSize >= 1 && chunkSize <= MAX_CHUNK_BYTES))
      throw new ChatError('CHUNK_TOO_LARGE', 'A chunk has at most 1 MiB')
    const file_size = sizeOf(bytes)
    const checksum = await sha256(bytes)
    const init = { upload_type: 'init', file_name: name, file_size, mime_type: mimeType }
    const { file_id } = await this.#askUpload(init, 'init_response')
    const total_chunks = Math.max(Math.ceil(file_size / chunkSize), 1)
    for (let chunk_index = 0; chunk_index < total_chunks; chunk_index++) {
      const piece = await part(bytes, chunk_index * chunkSize, (chunk_index + 1) * chunkSize)
      const chunk = { upload_type: 'chunk', file_id, chunk_index, total_chunks, chunk_data: base64(piece) }
      await this.#askUpload(chunk, 'progress')
      onProgress?.((chunk_index + 1) / total_chunks)
    }
    // With `status`: a room's copy of another's upload has none.
    const done = await this.#askUpload({ upload_type: 'finalize', file_id, checksum }, 'completed')
    return done as Uploaded
  }

  /** One upload is under way at a time, so what has a `status` is about it. */
  async #askUpload(data: object, answer: string): Promise<FileUploadFrame['data'] & { readonly status: string }> {
    const got = await this.#ask('file_upload', data, frame =>
      frame.type === 'file_upload' && 'status' in frame.data ? frame.data : undefined,
    )
    if (got.upload_type === 'error') throw new ChatError('UPLOAD_FAILED', got.error)
    if (got.upload_type !== answer) throw new ChatError('MALFORMED', `Expected ${answer}, got ${got.upload_type}`)
    return got
  }
}
