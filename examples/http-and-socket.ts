// The HTTP client for questions, the socket for what happens.
import { TokenBowlClient, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  const http = new TokenBowlClient()
  const me = await http.getMyProfile()
  console.log(`I am ${me.username}, a ${me.role}`)

  const { messages } = await http.getMessages({ limit: 3 })
  for (const { from_username, content } of messages.toReversed()) console.log(`earlier, ${from_username}: ${content}`)

  await using ws = await TokenBowlWebSocket.open({
    onMessage: message => console.log(`${message.from_username}: ${message.content}`),
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.sendMessage(`Hello from ${me.username}!`)
  await ws.closed()
}

// --- the check: `node examples/http-and-socket.ts`

await example(import.meta, main, async ({ join, start }) => {
  const bob = await join('bob')
  for (const n of [1, 2, 3, 4]) await bob.says(`Note ${n}`)
  const program = await start()
  await program.prints('I am ann, a member\nearlier, bob: Note 2\nearlier, bob: Note 3\nearlier, bob: Note 4\n')
  await bob.hears('Hello from ann!')
  await bob.says('Welcome')
  await program.prints('bob: Welcome\n')
  await program.interrupt()
})
