import { connect, type Socket } from 'node:net'
import type { Verdict, VirusScanner } from '../core/ports/files.ts'

export interface ClamdOptions {
  /** Path of clamd's socket, or host:port. */
  readonly address: string
  /** Milliseconds for the whole scan. */
  readonly timeout?: number
}

/** A little more than clamd itself takes at the most, unless its MaxScanTime says otherwise. */
const TIMEOUT = 150_000
/** Longest answer, in characters. */
const ANSWER_MAX = 4_096

/**
 * Has files looked at by clamd, over its INSTREAM command. Only clamd's own word that a stream is OK, said after all of it was
 * sent, counts as clean.
 */
export function createClamdScanner({ address, timeout = TIMEOUT }: ClamdOptions): VirusScanner {
  return {
    async scan(bytes) {
      const socket = open(address)
      const overdue = setTimeout(() => socket.destroy(new Error('clamd took too long')), timeout)
      try {
        let isAnswered = false
        const answer = answerOf(socket)
        // clamd may end the talk before all is sent. Then it is asked for too late to be caught.
        answer.catch(() => undefined).then(() => (isAnswered = true))
        const isSent = await send(socket, bytes, () => isAnswered)
        return read(await answer, isSent)
      } catch (error) {
        return { state: 'unsure', why: error instanceof Error ? error.message : String(error) }
      } finally {
        clearTimeout(overdue)
        socket.destroy()
        // What reads the file lets go of it.
        await bytes.cancel().catch(() => undefined)
      }
    },
  }
}

function open(address: string): Socket {
  const [, host, port] = /^\[?([^/\]]+)\]?:(\d+)$/.exec(address) ?? []
  return host && port ? connect({ host, port: Number(port) }) : connect({ path: address })
}

/** What clamd says, up to its first NUL. Rejects when the connection ends before. */
function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      answer += text
      const end = answer.indexOf('\0')
      if (end !== -1) resolve(answer.slice(0, end))
      else if (answer.length > ANSWER_MAX) reject(new Error('clamd says too much'))
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('clamd ended the connection without an answer')))
  })
}

/** Sends all of it. False when clamd would hear no more: then it has answered, or never will. */
async function send(socket: Socket, bytes: ReadableStream<Uint8Array>, isAnswered: () => boolean): Promise<boolean> {
  if (!(await write(socket, 'zINSTREAM\0'))) return false
  const reader = bytes.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const { value } = next
      if (value.byteLength === 0) continue
      if (isAnswered() || !(await write(socket, Buffer.concat([length(value), value])))) return false
    }
  } finally {
    reader.releaseLock()
  }
  return !isAnswered() && write(socket, Buffer.alloc(4))
}

function length({ byteLength }: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(byteLength)
  return head
}

/** Whether it was taken. Waits until it was, so that no more than one step of the file is in memory. */
const write = (socket: Socket, bytes: string | Buffer): Promise<boolean> =>
  new Promise(resolve => {
    if (socket.destroyed) return resolve(false)
    socket.write(bytes, error => resolve(!error))
  })

function read(answer: string, isSent: boolean): Verdict {
  const [, signature] = /^stream: (.+) FOUND$/.exec(answer) ?? []
  if (signature) return { state: 'infected', signature }
  if (answer === 'stream: OK' && isSent) return { state: 'clean' }
  return { state: 'unsure', why: `clamd says: ${answer.slice(0, 200)}` }
}
