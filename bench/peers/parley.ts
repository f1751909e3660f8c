import { cpSync, mkdirSync, mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { type Launched, launch, serverCore, until } from '../launch.ts'
import { workspace } from '../workspace.ts'
import { beside, type Peer, type RunningPeer, type StartOptions, userName } from './peer.ts'

const MAIN = beside('../../packages/server/src/main.ts')
const REGISTER_AT_ONCE = 32

type Settings = Readonly<Record<string, string>>

/** All users register from one address here. */
const SETTINGS: Settings = { HOST: '127.0.0.1', REGISTRATION_RATE_LIMIT: '1000000/1' }

/**
 * The product as it ships: keys are checked, frames validated, sends and marks synced to disk before they are
 * acknowledged, receipts kept. Only the limit on registrations from one address is lifted.
 */
export const parley: Peer = {
  name: 'parley',
  dialect: 'token-bowl',
  missing: () => undefined,
  start: startParley,
}

/** Starts the server on a copy of a data directory that has the users in it. */
async function startParley(options: StartOptions): Promise<RunningPeer> {
  const accounts = await accountsFor(options.users)
  const data = `${options.directory}/data`
  cpSync(accounts.data, data, { recursive: true })
  const { child, port } = await launchParley(data, options)
  const target = (user: number): string => `/ws?api_key=${accounts.keys[user]}`
  return { pid: child.pid, port, target, metrics: '/metrics', stop: child.stop }
}

interface Accounts {
  /** A data directory of a server that was stopped in order. */
  readonly data: string
  /** Key of user number n. */
  readonly keys: readonly string[]
}

const made = new Map<number, Promise<Accounts>>()

/** Users are registered once for each number of them; every run starts on its own copy of the result. */
function accountsFor(users: number): Promise<Accounts> {
  const accounts = made.get(users) ?? registerAll(users)
  made.set(users, accounts)
  return accounts
}

async function registerAll(users: number): Promise<Accounts> {
  const directory = mkdtempSync(`${workspace()}/accounts-`)
  const data = `${directory}/data`
  mkdirSync(data)
  const { child, port } = await launchParley(data, { directory })
  const keys = new Array<string>(users)
  let next = 0
  async function lane(): Promise<void> {
    while (next < users) {
      const user = next++
      keys[user] = await register(port, userName(user))
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(REGISTER_AT_ONCE, users) }, lane))
  } finally {
    await child.stop()
  }
  return { data, keys }
}

async function register(port: number, username: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username }),
  })
  if (response.status !== 201)
    throw new Error(`could not register ${username}: ${response.status} ${await response.text()}`)
  const { api_key } = (await response.json()) as { api_key: string } // the contract of POST /register
  return api_key
}

type LaunchOptions = Pick<StartOptions, 'directory' | 'settings' | 'nodeOptions'>

/** Starts the server on the data directory `data`. Resolves when it is ready. */
export async function launchParley(data: string, { directory, settings = {}, nodeOptions = [] }: LaunchOptions) {
  const port = await freePort()
  const log = `${directory}/peer.out`
  const env = { ...SETTINGS, ...settings, PORT: String(port), DATA_DIR: data }
  const child = launch({ command: [process.execPath, ...nodeOptions, MAIN], core: serverCore, log, env })
  await healthy(child, port)
  return { child, port }
}

function healthy(child: Launched, port: number): Promise<true> {
  return until(child, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.status === 200 ? true : undefined
  })
}

/** A port nobody listens on now. Someone else may take it before the server does; then the start fails and says so. */
function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const listener = createServer().once('error', reject)
  listener.listen(0, '127.0.0.1', () => {
    const address = listener.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    listener.close(() => resolve(port))
  })
  return promise
}
