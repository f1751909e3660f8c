// Ends in order on Ctrl-C: what was sent arrives, the server hears a goodbye, the exit code is 0.
import assert from 'node:assert/strict'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'
import { soon } from './support/soon.ts'

async function main() {
  const stop = new AbortController()
  process.once('SIGINT', () => {
    console.log('Shutting down...')
    stop.abort()
  })
  // `use` disconnects when its function is done, when that throws, and when the signal aborts.
  await TokenBowlWebSocket.use({ signal: stop.signal }, async ws => {
    await ws.sendMessage('On duty.')
    for await (const message of ws.messages()) console.log(`${message.from_username}: ${message.content}`)
  })
  console.log('Goodbye.')
}

// --- the check: `node examples/clean-stop.ts`

await example(import.meta, main, async ({ join, start }) => {
  const bob = await join('bob')
  const program = await start()
  await bob.hears('On duty.')
  await bob.says('Carry on.')
  await program.prints('bob: Carry on.\n')
  assert.ok((await online()).includes('ann'))
  await program.interrupt()
  await program.prints('Shutting down...\nGoodbye.\n')
  await soon(annLeft(), 'the server to know that ann has left')

  async function online() {
    const users = await bob.http.getOnlineUsers()
    return users.map(user => user.username)
  }
  // Nothing tells who comes and goes, so this has to ask.
  async function annLeft() {
    while ((await online()).includes('ann'));
  }
})
