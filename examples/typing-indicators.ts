// Shows that we are typing, to the room and to one person, and who else is.
import assert from 'node:assert/strict'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  await using ws = await TokenBowlWebSocket.open({
    onTyping: (username, toUsername) =>
      console.log(toUsername === null ? `${username} is typing in the room` : `${username} is typing to you`),
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.sendTypingIndicator()
  await ws.sendTypingIndicator({ toUsername: 'bob' })
  await ws.closed()
}

// --- the check: `node examples/typing-indicators.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const bob = await join('bob')
  const cem = await join('cem')
  const program = await start()
  await bob.until(() => bob.typing.length === 2, 'to see Ann typing')
  assert.deepEqual(bob.typing.toSorted(), ['ann', 'ann to me'])
  await cem.until(() => cem.typing.length === 1, 'to see Ann typing')

  await bob.ws.sendTypingIndicator()
  await program.prints('bob is typing in the room\n')
  await bob.ws.sendTypingIndicator({ toUsername: ann.name })
  await program.prints('bob is typing to you\n')
  assert.deepEqual(cem.typing, ['ann', 'bob'])
  await program.interrupt()
})
