// Hears who reads our message, and asks the server when.
import assert from 'node:assert/strict'
import { TokenBowlClient, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  const http = new TokenBowlClient()
  await using ws = await TokenBowlWebSocket.open({
    async onReadReceipt(messageId, readBy) {
      console.log(`${readBy} has read ${messageId}`)
      // Receipts are pushed to whoever is connected, once. The server remembers all of them.
      const readers = await http.getReceipts(messageId)
      for (const { username, read_at } of readers) console.log(`- ${username} at ${read_at}`)
    },
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.sendMessage('Please have a look.')
  await ws.closed()
}

// --- the check: `node examples/read-receipts.ts`

await example(import.meta, main, async ({ join, start }) => {
  const bob = await join('bob')
  const cem = await join('cem')
  const before = Date.now()
  const program = await start()
  const { id } = await bob.hears('Please have a look.')
  await bob.ws.markMessageRead(id)
  await program.prints(`bob has read ${id}\n`)
  const [, at = ''] = await program.prints(/- bob at (\S+)\n/)
  assert.ok(Math.abs(Date.parse(at) - before) < 60_000)

  await cem.ws.markMessageRead(id)
  await program.prints(`cem has read ${id}\n`)
  await program.prints(/- bob at \S+\n- cem at \S+\n/)
  await bob.ws.markMessageRead(id) // again: nobody hears of it
  await bob.ws.getUnreadCount()
  await program.interrupt()
  assert.equal(program.output().split('has read').length - 1, 2)
})
