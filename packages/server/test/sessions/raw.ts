import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export interface RawFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** A masked frame, as a client has to send it. */
export function clientFrame(opcode: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload)
  const mask = randomBytes(4)
  const header = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10)
  header[0] = 0x80 | opcode
  if (header.length === 2) header[1] = 0x80 | bytes.length
  else if (header.length === 4) header.writeUInt16BE(bytes.length, header.writeUInt8(0x80 | 126, 1))
  else header.writeBigUInt64BE(BigInt(bytes.length), header.writeUInt8(0x80 | 127, 1))
  return Buffer.concat([header, mask, bytes.map((byte, i) => byte ^ (mask[i % 4] ?? 0))])
}

/** The request that asks for the upgrade. */
export const handshake = (path: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    '\r\n',
  ].join('\r\n')

/** A client that is a bare TCP connection, for what no WebSocket library would do. */
export class RawClient {
  readonly socket: Socket
  /** Everything read and not yet taken. */
  #bytes = Buffer.alloc(0)
  #ended = false

  private constructor(socket: Socket) {
    this.socket = socket
    // A server that ends such a connection may reset it.
    socket.on('error', () => undefined)
  }

  /** A connection on which nothing was said yet. */
  static async dial(port: number): Promise<RawClient> {
    const client = new RawClient(connect({ port, host: '127.0.0.1', allowHalfOpen: true }))
    await once(client.socket, 'connect')
    // Without an encoding it gives buffers.
    client.socket.on('data', chunk => (client.#bytes = Buffer.concat([client.#bytes, chunk as Buffer])))
    for (const end of ['end', 'close']) client.socket.on(end, () => (client.#ended = true))
    return client
  }

  /** A connection after the handshake. `first` is sent in one piece with the request. */
  static async open(port: number, path: string, first: Buffer = Buffer.alloc(0)): Promise<RawClient> {
    const client = await RawClient.dial(port)
    client.socket.write(Buffer.concat([Buffer.from(handshake(path)), first]))
    const head = await client.#until(bytes => {
      const end = bytes.indexOf('\r\n\r\n')
      return end < 0 ? undefined : { value: bytes.subarray(0, end).toString(), length: end + 4 }
    })
    if (!head?.startsWith('HTTP/1.1 101')) throw new Error(`no upgrade: ${head}`)
    return client
  }

  send(opcode: number, payload: string | Buffer): void {
    this.socket.write(clientFrame(opcode, payload))
  }

  /** The next frame; undefined when the connection ended instead. */
  next(): Promise<RawFrame | undefined> {
    return this.#until(serverFrame)
  }

  /** All frames until the end of the connection. */
  async rest(): Promise<RawFrame[]> {
    const frames: RawFrame[] = []
    for (let frame = await this.next(); frame; frame = await this.next()) frames.push(frame)
    return frames
  }

  async #until<T>(read: (bytes: Buffer) => { value: T; length: number } | undefined): Promise<T | undefined> {
    for (;;) {
      const found = read(this.#bytes)
      if (found) {
        this.#bytes = this.#bytes.subarray(found.length)
        return found.value
      }
      if (this.#ended) return undefined
      await Promise.race(['data', 'end', 'close'].map(event => once(this.socket, event)))
    }
  }
}

/** The first whole frame of what a server wrote. */
function serverFrame(bytes: Buffer): { value: RawFrame; length: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] ?? 0) & 0x7f
  const header = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < header) return undefined
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < header + size) return undefined
  const payload = bytes.subarray(header, header + size)
  return { value: { opcode: (bytes[0] ?? 0) & 0x0f, payload }, length: header + size }
}
