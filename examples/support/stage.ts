import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectPerson, type Person } from './person.ts'
import { type Program, type ProgramOptions, startProgram } from './program.ts'
import { type Server, startServer } from './server.ts'

/** What a check plays on: a server of its own, where `ann` is whoever runs the example. */
export interface Stage {
  readonly server: Server
  readonly ann: {
    readonly name: string
    readonly key: string
    /** The variables that name her key and the server. */
    readonly env: Readonly<Record<string, string>>
  }
  /** Makes an account and connects with it. */
  join(username: string): Promise<Person>
  /** Starts the example as a program, with `ann.env` unless `env` says otherwise. */
  start(options?: Partial<Omit<ProgramOptions, 'folder'>>): Promise<Program>
}

export interface StageOptions {
  readonly name: string
  /** What `start` starts. */
  readonly command: readonly string[]
  /** Settings of the server. */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

/** Sets the stage, lets `check` play, and clears everything away. Rejects with what the check throws. */
export async function onStage(
  { name, command, settings = {} }: StageOptions,
  check: (stage: Stage) => Promise<void>,
): Promise<void> {
  // Whoever ends this early ends what it started.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const startedAt = performance.now()
  console.log(`${name}:`)
  await play(command, settings, check)
  console.log(`${name} does what it says (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)`)
}

async function play(
  command: readonly string[],
  settings: Readonly<Record<string, string>>,
  check: (stage: Stage) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-example-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await using server = await startServer(settings)
  await using guests = new AsyncDisposableStack()
  const key = await server.register('ann')
  const rooms = { PARLEY_API_KEY: key, PARLEY_URL: server.url }
  const assistant = { BEDROCK_WS_ENDPOINT: `${server.url.replace('http', 'ws')}/ws/chat` }
  const ann = {
    name: 'ann',
    key,
    env: { TOKEN_BOWL_CHAT_API_KEY: key, TOKEN_BOWL_BASE_URL: server.url, ...rooms, ...assistant },
  }
  await check({
    server,
    ann,
    join: async name => guests.use(await connectPerson(server.url, name, await server.register(name))),
    start: async options => startProgram({ command, folder, env: ann.env, ...options }),
  })
}
