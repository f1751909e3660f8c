/** A frame of the server. What the protocol documents, taken at its word: the checker finds out where it is not so. */
export interface Frame {
  readonly type?: string
  readonly id?: string
  readonly content?: string
  readonly from_username?: string
  readonly message_type?: string
  readonly message_id?: string
  readonly message?: { readonly id: string; readonly content: string }
  readonly error?: string
}

export interface Wire {
  /** Hands a frame to the socket; without effect once the connection is over. */
  send(frame: object): void
  close(): void
  /** The close code, once the connection is over. */
  readonly closed: Promise<number>
}

/** Connects. Rejects when the server does not take the connection. */
export async function openWire(url: string, key: string, take: (frame: Frame) => void): Promise<Wire> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?api_key=${key}`)
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<number>()
  socket.addEventListener('open', () => opened.resolve())
  socket.addEventListener('message', ({ data }) => take(JSON.parse(String(data)) as Frame))
  socket.addEventListener('close', ({ code }) => {
    opened.reject(new Error(`the connection was closed with ${code}`))
    closed.resolve(code)
  })
  // A close event follows.
  socket.addEventListener('error', () => undefined)
  await opened.promise
  return {
    send: frame => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
    },
    close: () => socket.close(1000),
    closed: closed.promise,
  }
}

/** A message of somebody else, pushed to us. */
export const isPushed = (frame: Frame): frame is Frame & { readonly id: string } =>
  frame.type === undefined && frame.id !== undefined && frame.from_username !== undefined
