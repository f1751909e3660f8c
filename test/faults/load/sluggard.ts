import { request } from 'node:http'
import type { Socket } from 'node:net'
import type { Life } from '../history.ts'
import type { Member } from './actor.ts'
import { type Awaited, createAwaited } from './awaited.ts'
import { type Frame, isPushed } from './wire.ts'

/**
 * A reader that does not read until it is told to. It speaks WebSocket by hand, as a client that buffers nothing itself:
 * what it does not read fills the buffers of the two kernels, then those of the server.
 */
export interface Sluggard extends Disposable {
  readonly life: Life
  read(): void
  readonly given: Awaited['given']
}

export async function openSluggard(url: string, member: Member): Promise<Sluggard> {
  const life: Life = { user: member.name, shown: [] }
  const { hear, given } = createAwaited(member.name)
  const take = texts(text => {
    const frame = JSON.parse(text) as Frame // the server's word, see Frame
    if (!isPushed(frame)) return
    life.shown.push(frame.id)
    hear(frame.content ?? '')
  })
  const { socket, head } = await upgrade(`${url}/ws?api_key=${member.key}`)
  take(head)
  socket.on('error', () => undefined).on('data', take)
  socket.pause()
  return { life, given, read: () => void socket.resume(), [Symbol.dispose]: () => socket.destroy() }
}

function upgrade(url: string): Promise<{ socket: Socket; head: Buffer }> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'c2x1Z2dhcmQgcmVhZHMhIQ==',
  }
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false })
      .on('upgrade', (_, socket, head) => resolve({ socket, head }))
      .on('response', ({ statusCode }) => reject(new Error(`the upgrade was refused with ${statusCode}`)))
      .on('error', reject)
      .end()
  })
}

const TEXT = 1

/** Takes the server's bytes as they come and calls `hear` with each text. The server sends frames whole and unmasked. */
function texts(hear: (text: string) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return bytes => {
    rest = Buffer.concat([rest, bytes])
    for (let size = sizeOf(rest); size && rest.length >= size.head + size.body; size = sizeOf(rest)) {
      const body = rest.subarray(size.head, size.head + size.body)
      if ((rest.readUInt8(0) & 0x0f) === TEXT) hear(body.toString())
      rest = rest.subarray(size.head + size.body)
    }
  }
}

/** Lengths of the first frame; undefined while its header is not whole. */
function sizeOf(bytes: Buffer): { head: number; body: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 0x7f
  if (short < 126) return { head: 2, body: short }
  if (bytes.length < (short === 126 ? 4 : 10)) return undefined
  return short === 126 ? { head: 4, body: bytes.readUInt16BE(2) } : { head: 10, body: Number(bytes.readBigUInt64BE(2)) }
}
