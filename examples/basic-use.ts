// Says hello to the room and prints what others say, until Ctrl-C.
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  // The key is TOKEN_BOWL_CHAT_API_KEY, the server TOKEN_BOWL_BASE_URL or else port 8000 of this machine.
  await using ws = await TokenBowlWebSocket.open({
    onMessage: message => console.log(`${message.from_username}: ${message.content}`),
  })
  process.once('SIGINT', () => ws.disconnect())

  await ws.sendMessage('Hello, everyone!')
  await ws.closed() // Whoever ends the connection. At the end of the block it is closed in any case.
}

// --- the check: `node examples/basic-use.ts`

await example(import.meta, main, async ({ join, start }) => {
  const bob = await join('bob')
  const program = await start()
  const hello = await bob.hears('Hello, everyone!')
  await bob.says(`Hi, ${hello.from_username}!`)
  await program.prints('bob: Hi, ann!\n')
  await program.interrupt()
})
