import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { folder } from '../system/folder.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

type Variables = Readonly<Record<string, string>>

/** Variables of a server of its own, which no `.env` of the checkout and no variable of the shell reaches. */
export const variables = (own: Variables): Variables => ({
  PATH: process.env.PATH ?? '',
  HOST: '127.0.0.1',
  PORT: '0',
  // A model server of this machine must not answer in a test.
  MODEL_PROBE: 'false',
  ...own,
})

export interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

export interface Running {
  readonly url: string
  readonly pid: number
  /** Everything it has printed so far. */
  output(): string
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
  /** Asks it to stop and waits until it has. */
  stop(): Promise<Ended>
}

/** Starts the real server as a process and waits for its end. */
export const run = (own: Variables): Promise<Ended> => launch(own, []).ended

/** Starts the real server as a process and waits until it is ready. It never outlives the test. */
export async function start(own: Variables, nodeOptions: readonly string[] = []): Promise<Running> {
  const { child, ended, output } = launch(own, nodeOptions)
  for (;;) {
    const ready = /^\{.*"msg":"ready"\}$/m.exec(output())
    if (ready) {
      const { url } = JSON.parse(ready[0]) as { url: string } // what the server says when it is ready
      const kill = (signal: NodeJS.Signals) => void child.kill(signal)
      const stop = () => {
        kill('SIGTERM')
        return ended
      }
      return { url, pid: child.pid!, output, kill, ended, stop }
    }
    const next = await Promise.race([once(child.stdout!, 'data').then(() => undefined), ended])
    if (next) throw new Error(`the server ended with ${next.code}: ${next.output}${next.errors}`)
  }
}

function launch(
  own: Variables,
  nodeOptions: readonly string[],
): { child: ChildProcess; ended: Promise<Ended>; output(): string } {
  const child = spawn(process.execPath, [...nodeOptions, MAIN], {
    cwd: folder(),
    env: variables(own),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [output, errors] = [collect(child.stdout!), collect(child.stderr!)]
  const ended = once(child, 'close').then(([code]) => ({ code, output: output(), errors: errors() }))
  return { child, ended, output }
}

/** The text that has come from a stream so far. */
export function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', part => (text += part))
  return () => text
}

/** The body of an answer of the server at `url`. */
export async function ask(url: string, key?: string, body?: object): Promise<{ status: number; body: string }> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { ...(body && { 'content-type': 'application/json' }), ...(key && { 'x-api-key': key }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.text() }
}

export async function register(url: string, username: string): Promise<string> {
  const { status, body } = await ask(`${url}/register`, undefined, { username })
  if (status !== 201) throw new Error(`could not register: ${status} ${body}`)
  return (JSON.parse(body) as { api_key: string }).api_key // the contract of POST /register
}
