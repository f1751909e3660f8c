/** A client of the documented protocol that listens to one room, comes back at once, and knows a message it has seen. */
export class Listener {
  /** Ids of the messages it was shown, each once, in the order of the first time. */
  readonly shown = new Set<string>()
  repeats = 0
  connections = 0
  readonly #url: () => string
  readonly #pause: () => number
  #socket: WebSocket | undefined
  #isOver = false

  constructor(url: () => string, pause: () => number) {
    this.#url = url
    this.#pause = pause
    this.#connect()
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#socket?.close()
  }

  #connect(): void {
    const socket = new WebSocket(this.#url())
    this.#socket = socket
    socket.addEventListener('open', () => this.connections++)
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as Frame))
    socket.addEventListener('error', () => undefined)
    socket.addEventListener('close', () => {
      if (!this.#isOver) setTimeout(() => this.#isOver || this.#connect(), this.#pause())
    })
  }

  #take({ type, data }: Frame): void {
    if (type !== 'chat' || data.role !== 'user' || data.message_id === undefined) return
    if (this.shown.has(data.message_id)) this.repeats++
    this.shown.add(data.message_id)
  }
}

/** What the protocol documents, taken at its word. */
interface Frame {
  readonly type: string
  readonly data: { readonly role?: string; readonly message_id?: string }
}
