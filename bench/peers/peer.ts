import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DialectName } from '../generator/dialects.ts'
import { type Launched, launch, serverCore, until } from '../launch.ts'
import type { Stock } from '../world/stock.ts'

/** A server under measurement. */
export interface Peer {
  readonly name: string
  readonly dialect: DialectName
  /** Why it can't run here, or undefined. */
  missing(): string | undefined
  /** Starts a fresh server, pinned to the server's core. Accounts and data are ready when it resolves. */
  start(options: StartOptions): Promise<RunningPeer>
}

export interface StartOptions {
  /** An empty directory for whatever the server keeps; removed after the run. */
  readonly directory: string
  /** How many users will connect: u000000, u000001, ... */
  readonly users: number
  /** Which room each is in. Peers other than Parley are told in the target. */
  room(user: number): number
  /** What was said before, on peers that keep anything. */
  readonly stock?: Stock | undefined
  /** Whether Socket.IO keeps packets for clients that come back. */
  readonly recovery?: boolean | undefined
  /** Whether an ack has to follow a sync to disk. Parley always does so. */
  readonly durable: boolean
  /** Settings of Parley that differ from what it ships with; others have none. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Options of Node for Parley, to profile it. */
  readonly nodeOptions?: readonly string[]
}

export interface RunningPeer {
  readonly pid: number
  readonly port: number
  /** What user number `user` asks for to get a socket in `room`. */
  target(user: number, room: number): string
  /** Where it tells its own numbers, if it does. */
  readonly metrics?: string
  stop(): Promise<void>
}

/** The name of user number `index`, the same on every peer. */
export function userName(index: number): string {
  return `u${String(index).padStart(6, '0')}`
}

/** Where a file of this folder is. */
export function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}

/** Starts a peer that needs no accounts: who connects, and where to, is in the query string. */
export async function startTrusting(
  command: readonly string[],
  path: string,
  options: StartOptions,
): Promise<RunningPeer> {
  const sync = options.durable ? ['--sync', `${options.directory}/messages.log`] : []
  const recovery = options.recovery ? ['--recovery'] : []
  const child = launch({
    command: [...command, ...sync, ...recovery],
    core: serverCore,
    log: `${options.directory}/peer.out`,
  })
  return {
    pid: child.pid,
    port: await announcedPort(child),
    target: (user, room) => `${path}user=${userName(user)}&room=${room}`,
    stop: child.stop,
  }
}

/** Waits for the port that a peer prints. */
export function announcedPort(child: Launched): Promise<number> {
  return until(child, async () => {
    const port = /^listening (\d+)$/m.exec(child.printed())?.[1]
    return port === undefined ? undefined : Number(port)
  })
}

/** The command that brings a missing package, when its folder isn't there. */
export function uninstalled(folder: string): string | undefined {
  return existsSync(beside(`../node_modules/${folder}`))
    ? undefined
    : 'not installed: npm ci --prefix bench --ignore-scripts'
}
