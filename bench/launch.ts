import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 10_000
const POLL_MS = 10
/** Enough open files for 10,000 connections on either side, and for servers that take only a part of their limit. */
const OPEN_FILES = 20_000

/** Cores this process may use; the server gets the first, the generator the second, or the same where there is one. */
const cores = allowedCores()
export const serverCore = cores[0] ?? 0
export const generatorCore = cores[1] ?? serverCore

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

export interface LaunchOptions {
  readonly command: readonly string[]
  readonly core: number
  /** Takes what the process prints; it runs in that file's folder, where no `.env` of the checkout reaches it. */
  readonly log: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Launched {
  readonly pid: number
  /** What it has printed so far. */
  printed(): string
  /** Resolves with the exit code, null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** Asks it to stop, kills it when it hasn't after ten seconds; resolves once it is gone. */
  stop(): Promise<void>
}

/** Starts a process pinned to one core. It never outlives this one, and nothing not started here is ever killed. */
export function launch({ command, core, log, env = {} }: LaunchOptions): Launched {
  const [file, ...args] = [...withOpenFiles(), 'taskset', '-c', String(core), ...command]
  const output = openSync(log, 'w')
  const child = spawn(file!, args, {
    stdio: ['ignore', output, output],
    cwd: dirname(log),
    env: { ...process.env, ...env },
  })
  closeSync(output)
  if (child.pid === undefined) throw new Error(`could not start ${file}`)
  running.add(child)
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  ended.then(() => running.delete(child))
  return {
    pid: child.pid, // prlimit and taskset replace themselves, so this is the command itself
    printed: () => readFileSync(log, 'utf8'),
    ended,
    async stop() {
      const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      child.kill('SIGTERM')
      await ended
      clearTimeout(deadline)
    },
  }
}

/** `prlimit`, where the limit of open files is too low for the largest scenario; raising it needs root. */
function withOpenFiles(): string[] {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))
  return limit === null || Number(limit[1]) >= OPEN_FILES ? [] : ['prlimit', `--nofile=${OPEN_FILES}:${OPEN_FILES}`]
}

/** Polls `ready` until it gives a value. When the process ends or takes too long, its last words are the error. */
export async function until<T>(child: Launched, ready: () => Promise<T | undefined>): Promise<T> {
  let state: 'running' | 'ended' = 'running'
  child.ended.then(() => {
    state = 'ended'
  })
  const deadline = performance.now() + START_TIMEOUT_MS
  while (state === 'running' && performance.now() < deadline) {
    const value = await ready()
    if (value !== undefined) return value
    await sleep(POLL_MS)
  }
  await child.stop()
  throw new Error(`a server did not start (${state}):\n${child.printed().slice(-2000)}`)
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'
  return list.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** Why this machine can't run the bench, or undefined. */
export function missingTools(): string | undefined {
  if (process.platform !== 'linux') return 'the bench reads /proc and pins processes with taskset: Linux only'
  const found = (process.env.PATH ?? '').split(':').some(folder => existsSync(`${folder}/taskset`))
  return found ? undefined : 'taskset is missing (package util-linux)'
}
