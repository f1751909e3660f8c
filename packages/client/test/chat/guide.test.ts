import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../../../examples/support/server.ts'
import { ChatClient, type RoomEvent } from '../../src/chat/index.ts'
import { Room } from '../../src/chat/room.ts'
import { WebSocketChatClient } from '../../src/rooms/index.ts'

const page = (name: string) => readFileSync(new URL(`../../../../docs/sdk/${name}`, import.meta.url), 'utf8')
const [chat, rooms] = [page('chat.md'), page('rooms.md')]
const snippets = (text: string) =>
  [...text.matchAll(/```ts (\w+)\n(.*?)```/gs)].map(([, name = '', code = '']) => [name, code] as const)

let server: Server
let env: Record<string, string>
const folder = mkdtempSync(join(tmpdir(), 'parley-guide-'))
beforeAll(async () => {
  server = await startServer()
  const [key, bob] = [await server.register('ann'), await server.register('bob')]
  const answer = await fetch(`${server.url}/api/v1/ws/token`, { method: 'POST', headers: { 'X-API-Key': key } })
  const { token } = (await answer.json()) as { token: string } // as the protocol says
  env = { PARLEY_URL: server.url, PARLEY_API_KEY: key, PARLEY_TOKEN: token }
  await using client = await ChatClient.open({ url: server.url, apiKey: bob })
  const kitchen = await client.join('kitchen', { type: 'shared' })
  for (let i = 0; i < 30; i++) await kitchen.send(i === 0 ? 'Welcome to the kitchen' : `message ${i}`)
}, 30_000)
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server[Symbol.asyncDispose]()
})

/** Runs a snippet as a program of ann's. */
async function run(code: string) {
  const args = ['--input-type=module-typescript', `--localstorage-file=${join(folder, 'storage')}`]
  const child = spawn(process.execPath, args, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(code)
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', chunk => {
      output[name] += chunk
    })
  }
  const exit = await new Promise(resolve => child.on('close', (status, signal) => resolve(signal ?? status)))
  return { exit, ...output }
}

const SAYS: Readonly<Record<string, RegExp>> = {
  connect: /^I am ann, in \d+ rooms, with \d+ unread messages$/m,
  token: /^connecting\nsyncing\nlive\nclosed$/m,
  send: /^stored as [\da-f-]{36}, the one after number \d+$/m,
  loop: /^\d+\. ann: Dinner at seven$/m,
  list: /\(sending\) Soup is ready[\s\S]*^ann: Soup is ready$/m,
  history: /^The room begins with: Welcome to the kitchen$/m,
  search: /^kitchen, bob: Welcome to the kitchen \[ \[ 0, 7 \], \[ 11, 22 \] \]$/m,
  storage: /^$/,
  unread: /^kitchen: 0$/m,
  presence: /^true$/m,
  people: /^The garden party \[ 'ann' \]\nUSER_UNKNOWN$/m,
  ask: /8[\s\S]*completed, by \S+, in conversation:\d+[\s\S]*42/,
  again: /^7\*6 = 42\nasked, asked, regenerate$/m,
  approvals: /^$/,
  files: /^23 of 23 bytes\nSoup: water, salt, luck$/m,
  artefacts: /\bplot\b[\s\S]*^0 plots$/m,
}

test.each(snippets(chat))(
  '[CHAT-90] the snippet %s of docs/sdk/chat.md does what the page says',
  async (name, code) => {
    const result = await run(code)
    expect(result).toMatchObject({ exit: 0, stderr: '' })
    expect(result.stdout).toMatch(SAYS[name] ?? /there is no such snippet/)
  },
)

const ROOMS_SAY: Readonly<Record<string, RegExp>> = { chat: /dinner/, files: /^The pantry 11$/m }

test.each(snippets(rooms))(
  '[CHAT-90] the snippet %s of docs/sdk/rooms.md does what the page says',
  async (name, code) => {
    const result = await run(code)
    expect(result).toMatchObject({ exit: 0, stderr: '' })
    expect(result.stdout).toMatch(ROOMS_SAY[name] ?? /there is no such snippet/)
  },
)

test('[CHAT-90] the pages show every method, and every event of a room', () => {
  expect(snippets(chat).map(([name]) => name)).toEqual(Object.keys(SAYS))
  const names = (prototype: object) => Object.getOwnPropertyNames(prototype).filter(name => name !== 'constructor')
  for (const name of [...names(ChatClient.prototype), ...names(Room.prototype)])
    expect(chat).toMatch(new RegExp(`\\b${name}\\b`))
  for (const name of names(WebSocketChatClient.prototype)) if (name !== 'isOpen') expect(rooms).toContain(name)
  const events = {
    message: 0,
    edited: 0,
    deleted: 0,
    joined: 0,
    left: 0,
    changed: 0,
    room_deleted: 0,
    file: 0,
    gone: 0,
    run: 0,
    run_ended: 0,
    sending: 0,
    sent: 0,
    failed: 0,
    typing: 0,
    read: 0,
    unread: 0,
    reset: 0,
    membership: 0,
    update: 0,
  } satisfies Record<RoomEvent['type'], 0>
  for (const name of Object.keys(events)) expect(chat).toContain(`\`${name}\``)
})
