import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  AgentSession,
  BooksWriterWebSocket,
  ConnectionManager,
  MessageBatcher,
  RateLimiter,
  RobustWebSocket,
} from '../../src/agents/index.ts'
import { openAgents } from '../fixture/agents.ts'

const page = readFileSync(new URL('../../../../docs/sdk/agents.md', import.meta.url), 'utf8')
const snippets = [...page.matchAll(/```ts (\w+)\n(.*?)```/gs)].map(([, name = '', code = '']) => [name, code] as const)

const SAYS: Readonly<Record<string, RegExp>> = {
  basic: /^You said: Create a fantasy novel with dragons and magic\nDone$/m,
  robust: /^You said: A world of floating islands/m,
  tools: /^answer 1\nanswer 2$/m,
  session: /^user: Who lives on the islands\?\nassistant: You said: Who lives on the islands\?$/m,
}

test.each(snippets)('[CLIENT-89] the snippet %s does what the page says', async (name, code) => {
  await using server = await openAgents({ echoes: true })
  const child = spawn(process.execPath, ['--input-type=module-typescript'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, PARLEY_URL: server.url },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', part => (output += part))
  child.stdin.end(code)
  const [exit] = await once(child, 'close')
  expect(output).toMatch(SAYS[name] ?? /no snippet of that name/)
  expect(exit).toBe(0)
  expect(server.faults).toEqual([])
})

test('[CLIENT-89] the page shows every method, and there is a snippet for each that is looked for', () => {
  expect(snippets.map(([name]) => name)).toEqual(Object.keys(SAYS))
  const inside = ['constructor', 'isClosed', 'message', 'opened', 'connectIn', 'tell']
  for (const { prototype } of [
    BooksWriterWebSocket,
    RobustWebSocket,
    ConnectionManager,
    MessageBatcher,
    RateLimiter,
    AgentSession,
  ]) {
    const names = Object.getOwnPropertyNames(prototype).filter(name => !inside.includes(name))
    for (const name of names)
      if (!['startHeartbeat', 'flush'].includes(name)) expect(page).toMatch(new RegExp(`\\b${name}\\b`))
  }
})
