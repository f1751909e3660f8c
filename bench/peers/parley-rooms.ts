import { cpSync, mkdtempSync } from 'node:fs'
import { workspace } from '../workspace.ts'
import { fill } from '../world/fill.ts'
import { launchParley } from './parley.ts'
import { type Peer, type RunningPeer, type StartOptions, userName } from './peer.ts'

/**
 * All clients are one address here. A documented client may send 100 frames a minute, which no load is; the limit of level 2
 * is its own and stays, so that scenarios have as many senders as that takes.
 */
const SETTINGS = { WEBSOCKET_MAX_CONNECTIONS: '100000', WS_RATE_LIMIT_REQUESTS: '1000000', WS_RATE_LIMIT_WINDOW: '1' }

/** The documented rooms protocol: tokens are checked, frames validated, sends and marks synced, receipts kept, queues moved on. */
export const parleyRooms: Peer = {
  name: 'parley-rooms',
  dialect: 'rooms',
  missing: () => undefined,
  start: options => startRooms(options, ''),
}

/** The same at level 2. */
export const parleyLevel2: Peer = {
  name: 'parley-level2',
  dialect: 'rooms-2',
  missing: () => undefined,
  start: options => startRooms(options, '&v=2'),
}

async function startRooms(options: StartOptions, query: string): Promise<RunningPeer> {
  const { data, tokens } = await groundFor(options)
  const directory = `${options.directory}/data`
  cpSync(data, directory, { recursive: true })
  const settings = { ...SETTINGS, ...options.settings }
  const { child, port } = await launchParley(directory, { ...options, settings })
  const target = (user: number): string => `/api/v1/ws/ws?token=${tokens[user]}${query}`
  return { pid: child.pid, port, target, metrics: '/metrics', stop: child.stop }
}

interface Ground {
  /** A data directory that no server has open. */
  readonly data: string
  /** Token of user number n. */
  readonly tokens: readonly string[]
}

const made = new Map<string, Promise<Ground>>()

/** Each world is made once; every run starts on its own copy. */
function groundFor({ users, room, stock }: StartOptions): Promise<Ground> {
  const names = Array.from({ length: users }, (_, user) => userName(user))
  const key = JSON.stringify([names.map((_, user) => room(user)), stock])
  const ground = made.get(key) ?? makeGround()
  made.set(key, ground)
  return ground

  async function makeGround(): Promise<Ground> {
    const data = `${mkdtempSync(`${workspace()}/world-`)}/data`
    return { data, tokens: await fill(data, { names, room, stock }) }
  }
}
