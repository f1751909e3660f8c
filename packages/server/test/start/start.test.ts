import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { folder } from '../system/folder.ts'
import { ask, collect, register, run, start, variables } from './server.ts'

async function connect(url: string, key: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?api_key=${key}`)
  await once(socket, 'open')
  return socket
}

/** Sends a message and waits until it is acknowledged. */
async function send(socket: WebSocket, content: string): Promise<void> {
  socket.send(JSON.stringify({ content }))
  const [data] = await once(socket, 'message')
  expect(JSON.parse(String(data))).toMatchObject({ type: 'message_sent', message: { content } })
}

test('[OPS-30] a port that is taken ends the start in plain words', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { code, errors } = await run({ DATA_DIR: folder(), PORT: String(port) })
  expect(code).toBe(1)
  expect(errors).toBe(
    `Parley can't start.\nPORT ${port} on 127.0.0.1 is taken. Stop the program that has it, or set PORT to another one.\n`,
  )
})

test('[OPS-30] an address of another machine ends the start in plain words', async () => {
  const { code, errors } = await run({ DATA_DIR: folder(), HOST: '192.0.2.1' })
  expect(code).toBe(1)
  expect(errors).toMatch(/^Parley can't start\.\nHOST 192\.0\.2\.1 is no address of this machine\. .*\n$/)
})

test('[OPS-30] wrong settings end the start before anything is made', async () => {
  const { code, errors, output } = await run({ PORT: 'http', DEBUG: 'maybe' })
  expect({ code, output }).toEqual({ code: 1, output: '' })
  expect(errors.split('\n')).toEqual([
    "Parley can't start.",
    'PORT is "http"; allowed is a whole number from 0 to 65535.',
    'DEBUG is "maybe"; allowed is true or false.',
    '',
  ])
})

test('[OPS-11] a second server on the same data is refused, and the first goes on', async () => {
  const DATA_DIR = folder()
  const first = await start({ DATA_DIR })
  const { code, errors } = await run({ DATA_DIR })
  expect(code).toBe(1)
  expect(errors).toContain(`DATA_DIR ${DATA_DIR} is in use by another Parley server (process ${first.pid}).`)
  expect((await ask(`${first.url}/health`)).status).toBe(200)
  expect((await first.stop()).code).toBe(0)
})

test('[OPS-32] [OPS-33] SIGTERM tells sockets to come back, ends with 0, and all that was said is there again', async () => {
  const DATA_DIR = folder()
  const before = await start({ DATA_DIR })
  const key = await register(before.url, 'anna')
  const socket = await connect(before.url, key)
  await send(socket, 'acknowledged')
  const closed = once(socket, 'close')
  const ended = before.stop()
  expect((await closed)[0]).toBe(1012)
  expect((await ended).code).toBe(0)

  const after = await start({ DATA_DIR })
  const { body } = await ask(`${after.url}/messages`, key)
  expect(JSON.parse(body).messages).toMatchObject([{ content: 'acknowledged', from_username: 'anna' }])
  await after.stop()
})

/** Lets a test look again and again. */
const LOOKING = { SEARCH_RATE_LIMIT: '100000/1', API_RATE_LIMIT: 'off' }

test('[OPS-11] [OPS-33] after kill -9 the next start has the data and all that was acknowledged', async () => {
  const DATA_DIR = folder()
  const before = await start({ DATA_DIR, ...LOOKING })
  const key = await register(before.url, 'anna')
  const socket = await connect(before.url, key)
  socket.on('error', () => undefined)
  await send(socket, 'acknowledged')
  before.kill('SIGKILL')
  await before.ended

  const after = await start({ DATA_DIR, ...LOOKING })
  const { body } = await ask(`${after.url}/messages`, key)
  expect(JSON.parse(body).messages).toMatchObject([{ content: 'acknowledged' }])
  expect(await found(after.url, 'acknow', key)).toEqual(['acknowledged'])
  expect((await after.stop()).output).not.toContain('the search index')
})

test('[SEARCH-40] a server whose search index was deleted says so, and finds everything again', async () => {
  const DATA_DIR = folder()
  const before = await start({ DATA_DIR, ...LOOKING })
  const key = await register(before.url, 'anna')
  const socket = await connect(before.url, key)
  await send(socket, 'a needle')
  expect(await found(before.url, 'needle', key)).toEqual(['a needle'])
  await before.stop()
  for (const end of ['', '-wal', '-shm']) rmSync(join(DATA_DIR, `search.db${end}`), { force: true })
  const after = await start({ DATA_DIR, ...LOOKING })
  expect(await found(after.url, 'needle', key)).toEqual(['a needle'])
  expect((await after.stop()).output).toContain('"why":"there is none","msg":"the search index is made anew')
})

/** What is found as soon as something is. */
async function found(url: string, text: string, key: string): Promise<readonly string[]> {
  for (;;) {
    const { body } = await ask(`${url}/api/v1/search?q=${text}`, key)
    const { results } = JSON.parse(body) as { results: readonly { excerpt: string }[] } // as GET /api/v1/search answers
    if (results.length > 0) return results.map(({ excerpt }) => excerpt)
  }
}

test('[OPS-32] without TLS files a hang-up ends the server in order, as when its terminal is closed', async () => {
  const server = await start({ DATA_DIR: folder() })
  server.kill('SIGHUP')
  const { code, output } = await server.ended
  expect(code).toBe(0)
  expect(output).toContain('"msg":"stopped"')
})

test('[OPS-32] a client that does not answer the goodbye is waited for; a second signal ends that', async () => {
  const server = await start({ DATA_DIR: folder() })
  const socket = await connect(server.url, await register(server.url, 'anna'))
  socket.on('error', () => undefined)
  socket.pause() // so it never sees the goodbye
  const asked = performance.now()
  const again = setInterval(() => server.kill('SIGTERM'), 20)
  const { code, output } = await server.ended
  clearInterval(again)
  expect(code).toBe(143)
  // What came right after the first was its echo, and an orderly stop would have waited two seconds for the answer.
  expect(performance.now() - asked).toBeGreaterThan(500)
  expect(performance.now() - asked).toBeLessThan(4_000)
  expect(output.match(/"msg":"stopping"/g)).toHaveLength(1)
  socket.terminate()
})

test('[OPS-42] [OPS-43] [HTTP-111] health and metrics tell of this server', async () => {
  const server = await start({ DATA_DIR: folder() })
  const socket = await connect(server.url, await register(server.url, 'anna'))
  await send(socket, 'counted')
  const health = await ask(`${server.url}/health`)
  expect(health.status).toBe(200)
  expect(JSON.parse(health.body)).toMatchObject({
    status: 'healthy',
    services: { store: { status: 'up' } },
    websocket: { status: 'up', active_connections: 1, total_users: 1, active_rooms: 1, queued_messages: 0 },
  })
  const { body } = await ask(`${server.url}/metrics`)
  expect(body).toMatch(/^parley_connections\{view="token-bowl"\} 1$/m)
  expect(body).toMatch(/^parley_messages_total\{room="lobby"\} 1$/m)
  expect(body).toMatch(/^parley_commit_seconds_count [1-9]/m)
  expect(body).toMatch(/^parley_outbox_bytes 0$/m)
  socket.terminate()
  await server.stop()
})

test('[OPS-40] the log of a day has none of its secrets', async () => {
  const server = await start({
    DATA_DIR: folder(),
    LOG_LEVEL: 'debug',
    DEBUG: 'true',
    SECRET_KEY: 'the secret key of this very test',
    SMTP_URL: 'smtp://parley:mail-password@127.0.0.1:1',
    MAIL_FROM: 'chat@example.org',
  })
  const key = await register(server.url, 'anna')
  const socket = await connect(server.url, key)
  await send(socket, 'text of a message')
  socket.send('{"type":"nonsense"}')
  await once(socket, 'message')
  const wrong = 'f'.repeat(64)
  const refused = new WebSocket(`${server.url.replace('http', 'ws')}/ws?api_key=${wrong}`)
  await once(refused, 'error')
  for (const path of ['/messages', `/messages?api_key=${wrong}`, `/auth/magic-link?token=${wrong}`, '/users/me']) {
    await ask(`${server.url}${path}`, path.includes('?') ? wrong : key)
  }
  await ask(`${server.url}/auth/magic-link/send`, undefined, { email: 'anna@example.org' })
  const again = await ask(`${server.url}/users/me/regenerate-api-key`, key, {})
  const { api_key: newKey } = JSON.parse(again.body) as { api_key: string } // its contract
  const { output, errors } = await server.stop()
  expect(output).toContain('"path":"/users/me"')
  const secrets = [key, newKey, wrong, 'the secret key of this', 'mail-password', 'text of a message']
  for (const secret of secrets) expect(output + errors).not.toContain(secret)
})

test('[OPS-36] the server starts and stops under a watching Node, as npm run dev starts it', async () => {
  const server = await start({ DATA_DIR: folder() }, ['--watch', '--watch-preserve-output'])
  expect((await ask(`${server.url}/health`)).status).toBe(200)
  await server.stop()
  expect(server.output()).toContain('"msg":"stopped"')
})

test('[OPS-38] a server that npm started stops in order when npm is ended', async () => {
  const DATA_DIR = folder()
  const ENV_FILE = join(DATA_DIR, 'no-settings')
  writeFileSync(ENV_FILE, '')
  const npm = spawn('npm', ['start'], {
    cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
    env: { ...process.env, ...variables({ DATA_DIR, ENV_FILE }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void npm.kill('SIGTERM'))
  const output = collect(npm.stdout)
  while (!output().includes('"msg":"ready"')) await once(npm.stdout, 'data')
  npm.kill('SIGTERM')
  // The pipe is the server's too, so it closes when both are gone.
  await once(npm, 'close')
  expect(output()).toContain('"msg":"stopped"')
})

test('[OPS-39] settings that open too much are said in the log, and the start says on what it listens', async () => {
  const server = await start({
    DATA_DIR: folder(),
    HOST: '0.0.0.0',
    TOKEN_BOWL_SELF_ASSIGNED_ROLES: 'true',
    METRICS_PUBLIC: 'true',
  })
  expect(server.output()).toContain('whoever registers can make themselves admin')
  expect(server.output()).toContain('everybody may read /metrics')
  expect(server.output()).toContain('files that people send are not looked at for viruses')
  expect(server.output()).toContain('"host":"0.0.0.0"')
  await server.stop()
})

test('[OPS-45] connections that are refused or ended by the server are in the log, others at level debug', async () => {
  const server = await start({ DATA_DIR: folder(), LOG_LEVEL: 'info,sessions=debug' })
  const key = await register(server.url, 'anna')
  const socket = await connect(server.url, key)
  const closed = once(socket, 'close')
  await ask(`${server.url}/users/me/regenerate-api-key`, key, {})
  await closed
  const refused = new WebSocket(`${server.url.replace('http', 'ws')}/ws?api_key=${key}`)
  await once(refused, 'error')
  const { output } = await server.stop()
  for (const text of ['connected', 'closing', 'disconnected', 'connection refused']) {
    expect(output).toContain(`"msg":"${text}"`)
  }
  expect(output).toMatch(/"status":401,.*"msg":"connection refused"/)
})
