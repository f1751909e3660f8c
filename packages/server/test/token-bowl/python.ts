import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { openProgram, type Program } from '../program.ts'

/** Debian's own, where `python3-websockets` puts its package. */
export const PYTHON = '/usr/bin/python3'
const CLIENT = fileURLToPath(new URL('./client.py', import.meta.url))

/** A client in Python. It sends what it is told, or does what a word says: `close`, `ping`. */
export const openPython = (baseUrl: string, key: string): Program => openProgram(PYTHON, [CLIENT, baseUrl, key])

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
