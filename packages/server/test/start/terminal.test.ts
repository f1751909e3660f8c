import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { needs } from '../needs.ts'
import { folder } from '../system/folder.ts'
import { ask, variables } from './server.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Starts the server on a terminal of its own and waits for `sign` on the screen. */
async function onTerminal(own: Readonly<Record<string, string>>, sign: RegExp) {
  const command = `exec '${process.execPath}' '${MAIN}'`
  const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: folder(), env: variables(own) })
  onTestFinished(() => void child.kill('SIGKILL'))
  let screen = ''
  child.stdout.setEncoding('utf8').on('data', part => (screen += stripVTControlCharacters(part)))
  while (!sign.test(screen)) await once(child.stdout, 'data')
  return {
    screen: () => screen,
    async stop() {
      child.stdin.write('\u0003') // Ctrl-C
      await once(child, 'close')
    },
  }
}

needs('script')(
  '[OPS-31] on a terminal the start says where and how, and its link makes the first admin, once',
  async () => {
    const DATA_DIR = join(folder(), 'data')
    const server = await onTerminal({ DATA_DIR }, /setup\?token=[0-9a-f]{64}\s/)
    const screen = server.screen()
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(screen)?.[0]
    expect(screen).toContain('is ready.')
    expect(screen).toContain(DATA_DIR)
    expect(screen).toContain('open to this machine only (REGISTRATION=local)')
    expect(screen).toContain(`${url}/docs`)
    expect(screen).toContain(`${url}/health`)

    const token = /token=([0-9a-f]{64})/.exec(screen)?.[1]
    const claim = (username: string) => ask(`${url}/setup`, undefined, { token, username })
    const { status, body } = await claim('anna')
    expect({ status, role: JSON.parse(body).role }).toEqual({ status: 201, role: 'admin' })
    expect((await claim('mallory')).status).toBe(401)

    // Once in all, on the screen; the requests that used it left no trace of it there.
    expect(server.screen().split(token!)).toHaveLength(2)
    expect(readFileSync(join(DATA_DIR, 'parley.db')).includes(token!)).toBe(false)
    expect(readFileSync(join(DATA_DIR, 'parley.db-wal')).includes(token!)).toBe(false)
    await server.stop()
  },
)

needs('script')('[OPS-31] with an admin there is no link, and wide-open settings are called so', async () => {
  const DATA_DIR = folder()
  const first = await onTerminal({ DATA_DIR }, /setup\?token=[0-9a-f]{64}\s/)
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(first.screen())?.[0]
  const token = /token=([0-9a-f]{64})/.exec(first.screen())?.[1]
  await ask(`${url}/setup`, undefined, { token, username: 'anna' })
  await first.stop()
  const second = await onTerminal({ DATA_DIR, REGISTRATION: 'on' }, /health\s[\s\S]*\n/)
  expect(second.screen()).toContain('open to everybody who reaches this server (REGISTRATION=on)')
  expect(second.screen()).not.toContain('token=')
  await second.stop()
})
