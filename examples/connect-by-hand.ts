// Connects and disconnects by hand, with a key and a server of its own choice.
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  const ws = new TokenBowlWebSocket({
    apiKey: process.env.CHAT_KEY,
    baseUrl: process.env.CHAT_SERVER, // such as ws://localhost:8000; https:// and a /ws at the end do too
    onConnect: () => console.log('hello'),
    onDisconnect: () => console.log('goodbye'),
  })
  console.log(`connected: ${ws.isConnected}`)

  await ws.connect()
  try {
    console.log(`connected: ${ws.isConnected}`)
    await ws.sendMessage('Connected by hand.')
  } finally {
    await ws.disconnect() // easily forgotten: `await using` never does
  }
  console.log(`connected: ${ws.isConnected}`)
}

// --- the check: `node examples/connect-by-hand.ts`

await example(import.meta, main, async ({ ann, join, server, start }) => {
  const bob = await join('bob')
  const program = await start({ env: { CHAT_KEY: ann.key, CHAT_SERVER: server.url.replace('http', 'ws') } })
  await bob.hears('Connected by hand.')
  await program.prints('connected: false\nhello\nconnected: true\ngoodbye\nconnected: false\n')
  await program.ends()
})
