import { fileURLToPath } from 'node:url'
import { downFrame } from '@parley/protocol/assistant/down'
import { expect } from 'vitest'
import { type Happening, openProgram, type Program } from '../program.ts'
import { person } from '../rooms/clients/clients.ts'
import { register, start } from '../start/server.ts'
import { folder } from '../system/folder.ts'
import { PYTHON, withPython } from '../token-bowl/python.ts'

const CLIENT = fileURLToPath(new URL('./clients/chat_client.py', import.meta.url))

const open = (url: string, ...args: string[]): Program =>
  openProgram(PYTHON, [CLIENT, '--url', `${url.replace('http', 'ws')}/ws/chat`, '--second', '0.01', ...args])

/** What happens up to and with the last of `count` frames of a type. Every frame is one that is documented. */
async function until(program: Program, type: string, count = 1): Promise<readonly Happening[]> {
  const seen: Happening[] = []
  for (let left = count; left > 0; ) {
    const next = await program.next()
    seen.push(next)
    if (next.event !== 'frame') continue
    expect(downFrame.safeParse(next.frame).error, JSON.stringify(next.frame)).toBeUndefined()
    if ((next.frame as { type: string }).type === type) left--
  }
  return seen
}

/** The frames among what happened, by type; of answers the text. */
const frames = (seen: readonly Happening[]) =>
  seen.flatMap(({ event, frame }) => (event === 'frame' ? [frame as { type: string; [field: string]: unknown }] : []))
const types = (seen: readonly Happening[]) => frames(seen).map(({ type }) => type)

withPython('[ASSIST-70] the conversation of the examples runs as it is written', async () => {
  const server = await start({ DATA_DIR: folder() })
  const client = open(server.url, '--flow', '--auth', 'api_key', '--api-key', 'your-api-key')
  const seen = await until(client, 'logout_success')
  expect(seen[0]).toMatchObject({ event: 'connected', session: expect.stringMatching(/^[0-9a-f-]{36}$/) })
  expect(types(seen)).toEqual([
    ...['connection_established', 'auth_configured', 'auth_response'],
    ...['typing', 'ai_response', 'typing', 'ai_response', 'typing', 'ai_response'],
    ...['history', 'history_cleared', 'history', 'pong', 'logout_success'],
  ])
  const [history, cleared] = frames(seen).filter(({ type }) => type === 'history')
  expect(history?.messages).toHaveLength(6)
  expect(cleared?.messages).toEqual([])
  await server.stop()
})

withPython('[ASSIST-71] the demo runs with every kind of credentials, of elsewhere and of this server', async () => {
  const server = await start({ DATA_DIR: folder(), LOG_LEVEL: 'debug' })
  const [{ access }, key] = [await person(server, 'ada'), await register(server.url, 'bob')]
  const runs = [
    [],
    ['--auth', 'bearer', '--token', 'sk-1234567890'],
    ['--auth', 'bearer', '--token', access],
    ['--auth', 'api_key', '--api-key', 'your-api-key', '--api-key-header', 'Authorization'],
    ['--auth', 'api_key', '--api-key', key],
    ['--auth', 'basic', '--username', 'user@example.com', '--password', 'password123'],
    ['--auth', 'basic', '--username', 'ada', '--password', 'correct horse battery'],
    [
      ...['--auth', 'oauth2', '--client-id', 'your-client-id', '--client-secret', 'your-client-secret'],
      ...['--token-url', 'https://oauth.example.com/token', '--scope', 'read write'],
    ],
  ]
  for (const args of runs) {
    const seen = await until(open(server.url, '--demo', ...args), 'ai_response', 3)
    const auth = args.length > 0 ? ['auth_configured', 'auth_response'] : []
    const turns = ['typing', 'ai_response', 'typing', 'ai_response', 'typing', 'ai_response']
    expect(types(seen), args.join(' ')).toEqual(['connection_established', ...auth, ...turns])
    expect(seen.filter(({ event }) => event === 'error')).toEqual([])
  }
  const { output } = await server.stop()
  const secrets = ['sk-1234567890', access, 'your-api-key', key, 'password123', 'battery', 'your-client-secret']
  for (const secret of secrets) expect(output.includes(secret), secret).toBe(false)
})

withPython('[ASSIST-71] wrong credentials are an error, and the connection stays', async () => {
  const server = await start({ DATA_DIR: folder() })
  await person(server, 'ada')
  const client = open(server.url, '--auth', 'basic', '--username', 'ada', '--password', 'wrong')
  const seen = await until(client, 'auth_response')
  expect(seen.filter(({ event }) => event === 'error')).toEqual([{ event: 'error', text: 'Authentication failed' }])
  client.send({ type: 'chat', message: '2+2' })
  expect(frames(await until(client, 'ai_response')).at(-1)).toMatchObject({ message: '2+2 = 4' })
  await server.stop()
})

withPython('[ASSIST-72] after a restart of the server a client that comes back finds what was said', async () => {
  const DATA_DIR = folder()
  const before = await start({ DATA_DIR })
  const first = open(before.url)
  first.send({ type: 'chat', message: '/repeat one' })
  const seen = await until(first, 'ai_response')
  const session = seen.find(({ event }) => event === 'connected')?.session
  await before.stop()
  const after = await start({ DATA_DIR })
  const url = `${after.url.replace('http', 'ws')}/chat/ws?session_id=${session}`
  const back = openProgram(PYTHON, [CLIENT, '--url', url])
  back.send({ type: 'history' })
  const found = await until(back, 'history')
  expect(found[0]).toEqual({ event: 'connected', session })
  expect(frames(found).at(-1)).toMatchObject({
    messages: [
      { role: 'user', content: '/repeat one' },
      { role: 'assistant', content: 'one' },
    ],
  })
  await after.stop()
})
