// Waits for ever without a word: the library answers the server's pings, nobody has to send anything to stay connected.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  await using ws = await TokenBowlWebSocket.open({
    onConnect: () => console.log('waiting'),
    onMessage: message => console.log(`${message.from_username}: ${message.content}`),
    onDisconnect: () => console.log('disconnected'),
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.closed()
}

// --- the check: `node examples/keep-alive.ts`

await example(
  import.meta,
  main,
  async ({ join, server, start }) => {
    const program = await start()
    await program.prints('waiting\n')

    // Who connects later and answers no ping is dropped: so long was the program silent, at least.
    const deaf = new WebSocket(`${server.url.replace('http', 'ws')}/ws?api_key=${await server.register('deaf')}`)
    const [{ code }] = (await once(deaf, 'close')) as [CloseEvent]
    assert.equal(code, 4408)

    const bob = await join('bob')
    await bob.says('Still there?')
    await program.prints('bob: Still there?\n')
    await program.interrupt()
    assert.equal(program.output(), 'waiting\nbob: Still there?\ndisconnected\n')
  },
  { settings: { HEARTBEAT_INTERVAL: '1', STALE_AFTER: '2' } },
)
