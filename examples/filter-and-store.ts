// Treats messages by their type, keeps them, and goes through them at the end.
import { type MessageResponse, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

function show({ message_type, from_username, content }: MessageResponse) {
  switch (message_type) {
    case 'direct':
      return console.log(`${from_username}, to you alone: ${content}`)
    case 'room':
      return console.log(`${from_username}: ${content}`)
    case 'system':
      return console.log(`*** ${content} ***`)
    default:
      message_type satisfies never
  }
}

async function main() {
  const kept: MessageResponse[] = []
  await using ws = await TokenBowlWebSocket.open({
    onConnect: () => console.log('listening'),
    onMessage(message) {
      kept.push(message)
      show(message)
    },
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.closed()

  for (const [name, messages] of Map.groupBy(kept, message => message.from_username)) {
    console.log(`${name} wrote ${messages.length}`)
  }
}

// --- the check: `node examples/filter-and-store.ts`

await example(import.meta, main, async ({ ann, join, server, start }) => {
  const bob = await join('bob')
  const admin = server.client(await server.registerAdmin('root'))
  const program = await start()
  await program.prints('listening')
  await bob.says('Good morning')
  await bob.says('Your turn', ann.name)
  await admin.adminAnnounce('Back in five minutes')
  await program.prints('bob: Good morning\nbob, to you alone: Your turn\n*** Back in five minutes ***\n')
  await program.interrupt()
  await program.prints('bob wrote 2\nroot wrote 1\n')
})
