import { type ClientOptions, WebSocket } from 'ws'
import type { ZodType } from 'zod'

/** A frame of the server, by its fields. */
export type Frame = Record<string, unknown>

export interface Closing {
  readonly code: number
  readonly reason: string
}

interface Waiting {
  resolve(frame: Frame): void
  reject(error: Error): void
}

/** A plain client that reads frames strictly in order. Each frame must be one that `documented` allows. */
export class SocketClient {
  readonly ws: WebSocket
  readonly closed: Promise<Closing>
  readonly #documented: ZodType
  readonly #frames: Frame[] = []
  readonly #waiting: Waiting[] = []
  #over: Error | undefined

  protected constructor(url: string, options: ClientOptions, documented: ZodType) {
    const ws = new WebSocket(url, options)
    this.ws = ws
    this.#documented = documented
    this.closed = new Promise(resolve =>
      ws.on('close', (code, reason) => {
        this.#end(new Error(`closed with ${code} ${reason}`))
        resolve({ code, reason: reason.toString() })
      }),
    )
    ws.on('error', error => this.#end(error))
    ws.on('message', data => this.#take(data.toString()))
  }

  /** Resolves once the connection is open; rejects when the upgrade is refused. */
  protected async opened(): Promise<this> {
    await new Promise<void>((resolve, reject) => this.ws.once('open', resolve).once('error', reject))
    return this
  }

  /** Why no frame comes any more: the connection ended, or the server sent what is not documented. */
  get over(): Error | undefined {
    return this.#over
  }

  /** Sends one frame; a string goes as it is. */
  send(frame: object | string): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** The next frame. Rejects when the connection ends before it comes. */
  next(): Promise<Frame> {
    const frame = this.#frames.shift()
    if (frame) return Promise.resolve(frame)
    if (this.#over) return Promise.reject(this.#over)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** The next `count` frames. */
  async take(count: number): Promise<Frame[]> {
    const frames: Frame[] = []
    while (frames.length < count) frames.push(await this.next())
    return frames
  }

  /** Sends a frame and reads the next one. */
  ask(frame: object | string): Promise<Frame> {
    this.send(frame)
    return this.next()
  }

  /** Proves that nothing was written to this socket up to now, also while its own frames are still being served. */
  async nothingYet(): Promise<void> {
    await this.pinged()
    if (this.#frames.length > 0) throw new Error(`expected silence, got ${JSON.stringify(this.#frames)}`)
  }

  /** A ping of the WebSocket protocol there and back: whatever was written before has arrived then. */
  pinged(): Promise<void> {
    return new Promise(resolve => {
      this.ws.once('pong', () => resolve())
      this.ws.ping()
    })
  }

  #take(text: string): void {
    const read = this.#documented.safeParse(JSON.parse(text))
    if (!read.success) return this.#end(new Error(`not a documented frame: ${text.slice(0, 500)}`))
    const frame = JSON.parse(text) as Frame // an object, says the schema
    const waiting = this.#waiting.shift()
    if (waiting) waiting.resolve(frame)
    else this.#frames.push(frame)
  }

  #end(error: Error): void {
    this.#over ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#over)
  }
}
