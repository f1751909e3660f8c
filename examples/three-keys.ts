// Three accounts watched at once, each with its own key and its own connection.
import assert from 'node:assert/strict'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  // Such as CHAT_KEYS=sales=4f1c...,support=77ab...,press=d03e...
  const keys = (process.env.CHAT_KEYS ?? '').split(',').map(entry => entry.split('='))

  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  await Promise.all(keys.map(([name = '', key]) => watch(name, key, stop.signal)))
}

async function watch(name: string, apiKey: string | undefined, signal: AbortSignal) {
  const options = { apiKey, signal, onConnect: () => console.log(`[${name}] connected`) }
  await TokenBowlWebSocket.use(options, async ws => {
    for await (const message of ws.messages()) console.log(`[${name}] ${message.from_username}: ${message.content}`)
  })
}

// --- the check: `node examples/three-keys.ts`

await example(import.meta, main, async ({ ann, join, server, start }) => {
  const names = ['sales', 'support', 'press']
  const keys = await Promise.all(names.map(async name => `${name}=${await server.register(name)}`))
  const bob = await join('bob')
  const program = await start({ env: { ...ann.env, CHAT_KEYS: keys.join(',') } })
  for (const _ of names) await program.prints(/\[\w+\] connected\n/)
  await bob.says('Hello, all')
  for (const _ of names) await program.prints(/\[\w+\] bob: Hello, all\n/)
  await bob.says('What does it cost?', 'sales')
  await program.prints('[sales] bob: What does it cost?\n')
  await program.interrupt()

  const lines = program.output().trimEnd().split('\n')
  const count = (text: string) => lines.filter(line => line.endsWith(text)).length
  assert.deepEqual([count('connected'), count('Hello, all'), count('What does it cost?')], [3, 3, 1])
  for (const name of names) assert.ok(lines.includes(`[${name}] bob: Hello, all`))
})
