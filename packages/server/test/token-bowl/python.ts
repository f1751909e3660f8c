import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished, test } from 'vitest'

// Debian's own, where `python3-websockets` puts its package.
const PYTHON = '/usr/bin/python3'
const CLIENT = fileURLToPath(new URL('./client.py', import.meta.url))

/** What the Python client says happened. */
export interface Happening {
  readonly event: string
  readonly [field: string]: unknown
}

/** A client in Python, which is driven by frames and tells what it got. */
export interface PythonClient {
  /** Sends a frame, or does what a word says: `close`, `ping`. */
  send(command: object | 'close' | 'ping'): void
  next(): Promise<Happening>
}

export function openPython(baseUrl: string, key: string): PythonClient {
  const child = spawn(PYTHON, [CLIENT, baseUrl, key], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  child.stdin.on('error', () => undefined)
  return {
    send: command => void child.stdin.write(`${JSON.stringify(command)}\n`),
    async next() {
      const line = await lines.next()
      if (line.done) throw new Error(`the Python client ended with ${(await once(child, 'close'))[0]}`)
      return JSON.parse(line.value) as Happening // one line is one happening
    },
  }
}

const isThere = spawnSync(PYTHON, ['-c', 'import websockets']).status === 0

/** `test` where Debian's python3-websockets is there. Elsewhere it says so loudly, and fails with PARLEY_REQUIRE_ALL=1, as in CI. */
export function withPython(name: string, run: () => Promise<void>): void {
  if (isThere) return void test(name, run)
  test(name, context => {
    const text = `SKIPPED, because this machine has no python3-websockets: ${name}`
    if (process.env.PARLEY_REQUIRE_ALL === '1') throw new Error(text)
    console.warn(text)
    context.skip(text)
  })
}
