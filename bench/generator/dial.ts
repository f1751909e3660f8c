import { connect } from 'node:net'
import type { Dialect } from './dialects.ts'
import { createFrameReader, pongFrame, textFrame } from './frames.ts'

const TEXT = 0x81
const CLOSE = 0x88
const PING = 0x89
const SWITCHING = Buffer.from('HTTP/1.1 101')
const HEADER_END = Buffer.from('\r\n\r\n')
const NOTHING = Buffer.alloc(0)
const DIAL_TIMEOUT_MS = 20_000

/** One buffer for every socket: a read is used up before the next one begins, so nothing is allocated per read. */
const reading = Buffer.allocUnsafe(256 * 1024)

export interface Listener {
  /** Text frames above this many bytes are counted, not shown. */
  readonly countAbove: number
  /** `payload` is only valid during the call. */
  text(payload: Buffer): void
  /** Frames up to and with the one that greets, for whoever wants them. */
  early?(payload: Buffer): void
  /** After each read: the bytes it brought and the frames counted in it. */
  read(bytes: number, counted: number): void
  /** The server ended the connection. */
  closed(reason: string): void
}

export interface Connection {
  send(frame: Uint8Array): void
  /** Takes nothing more from the kernel, so that its buffers fill, until `resume`. */
  pause(): void
  resume(): void
  atBoundary(): boolean
  destroy(): void
}

export interface DialOptions {
  readonly port: number
  /** The request target, which names who connects. */
  readonly target: string
  readonly dialect: Pick<Dialect, 'greeting'>
  /** Source address, for more connections than one address has ports. */
  readonly from?: string | undefined
}

/** Opens a raw WebSocket. Resolves once the server takes frames; rejects with the reason it doesn't. */
export function dial(options: DialOptions, listener: Listener): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let head = NOTHING
    let state: 'upgrading' | 'greeting' | 'open' | 'closed' = 'upgrading'
    const socket = connect({
      port: options.port,
      host: '127.0.0.1',
      noDelay: true,
      ...(options.from === undefined ? {} : { localAddress: options.from }),
      onread: { buffer: reading, callback: take },
    })
    const deadline = setTimeout(() => fail('no answer to the upgrade'), DIAL_TIMEOUT_MS)
    const frames = createFrameReader({ countAbove: listener.countAbove, frame })
    const connection: Connection = {
      send(bytes) {
        if (state !== 'closed') socket.write(bytes)
      },
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      atBoundary: frames.atBoundary,
      destroy() {
        state = 'closed'
        socket.destroy()
      },
    }

    function take(size: number): boolean {
      if (state === 'upgrading') {
        const rest = upgrade(reading.subarray(0, size))
        frames.read(rest, 0, rest.length)
        return true
      }
      const counted = frames.read(reading, 0, size)
      if (state === 'open') listener.read(size, counted)
      return true
    }

    /** Reads the response to the upgrade; returns the bytes that follow it. */
    function upgrade(bytes: Buffer): Buffer {
      head = Buffer.concat([head, bytes])
      const end = head.indexOf(HEADER_END)
      if (end < 0) return NOTHING
      if (!head.subarray(0, SWITCHING.length).equals(SWITCHING))
        fail(`upgrade refused: ${head.toString('latin1', 0, 200)}`)
      else if (options.dialect.greeting === undefined) opened()
      else {
        state = 'greeting'
        const { say } = options.dialect.greeting
        if (say !== undefined) socket.write(textFrame(say))
      }
      return head.subarray(end + HEADER_END.length)
    }

    function frame(opcode: number, payload: Buffer): void {
      if (opcode === PING) socket.write(pongFrame(payload))
      else if (opcode === CLOSE) fail(`closed by the server with ${goodbye(payload)}`)
      else if (opcode !== TEXT) fail(`unexpected opcode byte 0x${opcode.toString(16)}`)
      else if (state === 'open') listener.text(payload)
      else if (state === 'greeting') greet(payload, options.dialect.greeting!.expect)
    }

    function greet(payload: Buffer, expected: string): void {
      listener.early?.(payload)
      if (payload.toString('latin1', 0, expected.length) === expected) opened()
    }

    function opened(): void {
      state = 'open'
      clearTimeout(deadline)
      resolve(connection)
    }

    function fail(reason: string): void {
      clearTimeout(deadline)
      if (state === 'closed') return
      const wasOpen = state === 'open'
      state = 'closed'
      socket.destroy()
      if (wasOpen) listener.closed(reason)
      else reject(new Error(reason))
    }

    socket.once('connect', () => socket.write(upgradeRequest(options)))
    socket.on('error', error => fail(error.message))
    socket.once('close', () => fail('connection ended without a close frame'))
  })
}

/** The code and the reason of a close frame. */
function goodbye(payload: Buffer): string {
  return payload.length < 2 ? 'no code' : `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`.trimEnd()
}

function upgradeRequest({ port, target }: DialOptions): string {
  return [
    `GET ${target} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n')
}

/** Dials `count` times, at most `atOnce` at a time, in order. */
export async function dialAll<T>(count: number, atOnce: number, one: (index: number) => Promise<T>): Promise<T[]> {
  const opened = new Array<T>(count)
  let next = 0
  async function lane(): Promise<void> {
    while (next < count) {
      const index = next++
      opened[index] = await one(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
  return opened
}
