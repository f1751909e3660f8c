import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Plant, withPlant } from './planted/plants.ts'

const MAIN = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))
const START_TIMEOUT = 20_000
const POLL = 5

/** Limits on clients of one address are off: every client of a siege comes from here. */
const SETTINGS = {
  HOST: '127.0.0.1',
  LOG_LEVEL: 'warn',
  LOG_FORMAT: 'json',
  REGISTRATION_RATE_LIMIT: '1000000/1',
  SIGN_IN_RATE_LIMIT: '1000000/1',
  TOKEN_BOWL_SELF_ASSIGNED_ROLES: 'true',
  SLOW_READER_SOFT_LIMIT: '4096',
  MODEL_PROBE: 'false',
}

/** What a server starts faster with, and nothing else of this process. */
const KEPT = { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }

export interface ServerOptions {
  readonly directory: string
  readonly port: number
  /** A bug to put into the server before it starts. */
  readonly plant?: Plant | undefined
  /** Settings beside those that all have. */
  readonly settings?: Readonly<Record<string, string>>
  /** A command to run the server with, such as `strace` and its arguments. */
  readonly under?: readonly string[]
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The real server in a process of its own. Its end takes the process with it. */
export interface Server extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  readonly ended: Promise<Ended>
  /** Resolves once the process is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended>
  /** What it printed so far. */
  printed(): string
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts the server's process; it may not be listening yet. */
export function spawnServer({ directory, port, plant, settings, under = [] }: ServerOptions): Server {
  const [file = '', ...args] = [...under, process.execPath, ...withPlant(plant), MAIN]
  const child = spawn(file, args, {
    // Where no settings file of the checkout is found.
    cwd: dirname(directory),
    env: { ...KEPT, ...SETTINGS, ...settings, DATA_DIR: directory, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-20_000)
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    // Not at its exit: by then not all it printed is read, and a tracer may not be done.
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  const kill = (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal)
    return ended
  }
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    ended,
    kill,
    printed: () => printed,
    [Symbol.asyncDispose]: async () => void (await kill('SIGKILL')),
  }
}

/** Starts the server and waits until it answers. Rejects with its last words when it doesn't. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const server = spawnServer(options)
  const gone = server.ended.then(({ code, signal }) => `it ended with ${code ?? signal}`)
  const deadline = performance.now() + START_TIMEOUT
  let last = ''
  while (performance.now() < deadline) {
    last = await Promise.race([gone, healthOf(server.url)])
    if (last === HEALTHY) return server
    if ((await Promise.race([gone, pause(POLL, undefined)])) !== undefined) break
  }
  await server.kill('SIGKILL')
  throw new Error(`the server did not start (${last}):\n${server.printed()}`)
}

const HEALTHY = 'healthy'

async function healthOf(url: string): Promise<string> {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(START_TIMEOUT) })
    const body = await answer.text()
    return answer.ok ? HEALTHY : `${answer.status} ${body}`
  } catch (error) {
    return `${error} ${error instanceof Error ? error.cause : ''}`
  }
}

/**
 * Ports that no system gives to a client: one that dials a server which is down could become its own peer. They start above
 * 10080, the highest that `fetch` refuses to dial.
 */
const PORTS = { first: 11_000, count: 20_000 }

/** A port that nobody listens on now, for a server that has to come back on the same one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const listener = createServer()
  return new Promise(resolve =>
    listener.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => listener.close(() => resolve(true))),
  )
}
