import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TokenBowlClient } from '@parley/client'
import { type Process, startProcess } from './process.ts'
import { soon } from './soon.ts'

const source = (file: string) => fileURLToPath(new URL(`../../packages/server/src/${file}`, import.meta.url))

/** The real server, as a process on a port of its own, with data that are deleted with it. */
export interface Server extends AsyncDisposable {
  readonly url: string
  /** The HTTP client of whoever has the key. */
  client(key: string): TokenBowlClient
  /** Makes an account over REST. Resolves with its key. */
  register(username: string): Promise<string>
  /** Makes an admin from the shell, beside the running server. Resolves with the key. */
  registerAdmin(username: string): Promise<string>
  /** Ends it in order, as an upgrade does. */
  stop(): Promise<void>
  /** Starts it again at the same address, on the same data. */
  start(): Promise<void>
}

/** Starts a server with these settings and waits until it is ready. */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<Server> {
  const cwd = mkdtempSync(join(tmpdir(), 'parley-example-'))
  const remove = () => rmSync(cwd, { recursive: true, force: true })
  process.once('exit', remove)
  const env = { HOST: '127.0.0.1', DATA_DIR: join(cwd, 'data'), MODEL_PROBE: 'false', ...settings }
  const node = (file: string, ...args: string[]) => [process.execPath, source(file), ...args]
  const launch = (port: string) => startProcess({ command: node('main.ts'), cwd, env: { ...env, PORT: port } })

  let running = launch('0')
  const url = await ready(running)
  return {
    url,
    client: apiKey => new TokenBowlClient({ baseUrl: url, apiKey }),
    register: async username => (await new TokenBowlClient({ baseUrl: url }).register(username)).api_key,
    async registerAdmin(username) {
      const shell = startProcess({ command: node('cli.ts', 'admin', username, '--json'), cwd, env })
      if ((await shell.ended) !== 0) throw new Error(shell.output.stderr)
      return (JSON.parse(shell.output.stdout) as { key: string }).key // what the command promises to print
    },
    stop: () => end(running),
    async start() {
      running = launch(new URL(url).port)
      await ready(running)
    },
    async [Symbol.asyncDispose]() {
      await end(running)
      process.off('exit', remove)
      remove()
    },
  }
}

/** Resolves with the address that the server logs once it listens. */
async function ready(server: Process): Promise<string> {
  const listening = server.watch(() => /"url":"([^"]+)".*"msg":"ready"/.exec(server.output.stdout)?.[1])
  const failed = server.ended.then(code => {
    throw new Error(`the server ended with ${code}:\n${server.output.stdout}${server.output.stderr}`)
  })
  return soon(Promise.race([listening, failed]), 'the server to listen')
}

async function end(server: Process): Promise<void> {
  server.kill('SIGTERM')
  await soon(server.ended, 'the server to stop')
}
