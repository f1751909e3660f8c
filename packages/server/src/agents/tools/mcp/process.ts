import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import type { Later } from '../../../core/runs/cast.ts'
import { AnswerTooLarge } from './failing.ts'
import type { Way } from './settings.ts'

/** Longest message of a server, and most bytes that may wait for it to read them. */
const MESSAGE_MAX = 4 * 1024 * 1024
const UNREAD_MAX = 4 * 1024 * 1024
/** Longest line that it writes for a log, in UTF-16 units. */
const REMARK_MAX = 1_000
/** Time it has to end by itself, and time for what it said last to arrive after its end; in milliseconds. */
const GRACE = 2_000
const LAST_WORDS = 500

const LINE_END = 10

type ProcessWay = Way & { readonly by: 'process' }

export interface ProcessPorts {
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>
  readonly later: Later
  readonly parse: (line: string) => JSONRPCMessage
  /** Hears what the server writes for a log, line by line. */
  readonly onRemark: (text: string) => void
}

/** Groups of processes that end when this process does, whatever ends it in order. */
const groups = new Set<number>()
process.on('exit', () => {
  for (const group of groups) signal(group, 'SIGKILL')
})

/** A server that is a process of this machine, spoken to line by line. It never outlives `close`, nor do its children. */
export class ProcessTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  /** This and `pid` tell the library that it is a process: one that does not know a question may leave it unanswered. */
  readonly stderr = null
  readonly #way: ProcessWay
  readonly #ports: ProcessPorts
  readonly #gone = Promise.withResolvers<void>()
  readonly #lines = new Lines()
  #child: ChildProcessWithoutNullStreams | undefined
  #isClosed = false

  constructor(way: ProcessWay, ports: ProcessPorts) {
    this.#way = way
    this.#ports = ports
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  async start(): Promise<void> {
    const { command, args, cwd } = this.#way
    const child = spawn(command, [...args], {
      env: this.#ports.environment,
      stdio: 'pipe',
      // A group of its own, so that it can be ended with all its children.
      detached: true,
      windowsHide: true,
      ...(cwd !== null && { cwd }),
    })
    this.#child = child
    child.on('error', error => this.onerror?.(error))
    child.once('exit', () => this.#exited())
    child.once('close', () => this.#closed())
    child.stdin.on('error', () => undefined) // that it reads no more shows in its end
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk))
    remarks(child.stderr, this.#ports.onRemark)
    await once(child, 'spawn')
    if (child.pid !== undefined) groups.add(child.pid)
  }

  /** Fails once the server is gone, or lets too much lie unread. */
  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin
    if (this.#isClosed || !stdin?.writable) throw new Error('the process is gone')
    if (stdin.writableLength > UNREAD_MAX) this.#giveUp(new Error('the process does not read'))
    else stdin.write(`${JSON.stringify(message)}\n`)
  }

  /** Resolves once the process has ended. */
  async close(): Promise<void> {
    this.#closed()
    const { pid, stdin } = this.#child ?? {}
    if (pid === undefined) return
    stdin?.end()
    signal(pid, 'SIGTERM')
    const cancel = this.#ports.later(GRACE, () => signal(pid, 'SIGKILL'))
    await this.#gone.promise
    cancel()
  }

  #read(chunk: Buffer): void {
    if (this.#isClosed) return
    try {
      for (const line of this.#lines.add(chunk)) this.#hear(line)
    } catch (error) {
      this.#giveUp(error as Error) // only AnswerTooLarge is thrown
    }
  }

  #hear(line: string): void {
    let message: JSONRPCMessage
    try {
      message = this.#ports.parse(line)
    } catch {
      // Some servers greet their users where only messages belong.
      return this.#ports.onRemark(`no message: ${line.slice(0, REMARK_MAX)}`)
    }
    this.onmessage?.(message)
  }

  #giveUp(error: Error): void {
    this.onerror?.(error)
    void this.close()
  }

  #exited(): void {
    const child = this.#child
    signal(child?.pid, 'SIGKILL')
    groups.delete(child?.pid ?? 0)
    this.#gone.resolve()
    // A child that left the group may hold the pipes open for ever.
    this.#ports.later(LAST_WORDS, () => {
      child?.stdout.destroy()
      child?.stderr.destroy()
    })
  }

  #closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onclose?.()
  }
}

/** Puts lines together. */
class Lines {
  #parts: Buffer[] = []
  #size = 0

  /** The lines that end with `chunk`. Throws AnswerTooLarge. */
  add(chunk: Buffer): readonly string[] {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, start)) {
      this.#take(chunk.subarray(start, end))
      lines.push(Buffer.concat(this.#parts).toString())
      this.#parts = []
      this.#size = 0
      start = end + 1
    }
    this.#take(chunk.subarray(start))
    return lines.filter(line => line.trim() !== '')
  }

  #take(part: Buffer): void {
    this.#size += part.length
    if (this.#size > MESSAGE_MAX) throw new AnswerTooLarge()
    this.#parts.push(part)
  }
}

function remarks(stream: Readable, onRemark: (text: string) => void): void {
  let begun = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (begun + chunk).split('\n')
    begun = (lines.pop() ?? '').slice(0, REMARK_MAX)
    for (const line of lines) if (line.trim() !== '') onRemark(line.slice(0, REMARK_MAX))
  })
  stream.on('end', () => begun !== '' && onRemark(begun))
}

/** Tells a group of processes; one by one where there are no groups. */
function signal(group: number | undefined, name: NodeJS.Signals): void {
  if (group === undefined) return
  try {
    process.kill(process.platform === 'win32' ? group : -group, name)
  } catch {
    // Nobody is left in it.
  }
}
