// Shows each message and marks it as read, which tells its author.
import assert from 'node:assert/strict'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  await using ws = await TokenBowlWebSocket.open({ onConnect: () => console.log('reading') })
  process.once('SIGINT', () => ws.disconnect())

  for await (const message of ws.messages()) {
    console.log(`${message.from_username}: ${message.content}`)
    if (ws.isConnected) await ws.markMessageRead(message.id) // not after Ctrl-C
  }
}

// --- the check: `node examples/mark-as-read-reader.ts`

await example(import.meta, main, async ({ ann, join, server, start }) => {
  const bob = await join('bob')
  const program = await start()
  await program.prints('reading\n')
  const sent = [await bob.says('To all'), await bob.says('To you', ann.name)]
  await program.prints('bob: To all\nbob: To you\n')
  await bob.until(() => bob.receipts.length === 2, 'to get both receipts')
  assert.deepEqual(bob.receipts.toSorted(), sent.map(({ id }) => `${id} ann`).toSorted())
  assert.equal((await server.client(ann.key).getUnreadCount()).total_unread, 0)
  await program.interrupt()
})
