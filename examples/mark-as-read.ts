// The four ways to mark messages as read, and what each leaves unread.
import assert from 'node:assert/strict'
import { TokenBowlClient, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  await using ws = await TokenBowlWebSocket.open({
    onUnreadCount: count =>
      console.log(`unread: ${count.unread_room_messages} in the room, ${count.unread_direct_messages} direct`),
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.getUnreadCount()

  const [oldest] = await new TokenBowlClient().getUnreadMessages({ limit: 1 })
  if (oldest) await ws.markMessageRead(oldest.id)
  await ws.getUnreadCount() // answers come in the order of the questions: this one counts the mark

  await ws.markDirectMessagesRead('bob')
  await ws.getUnreadCount()

  await ws.markRoomMessagesRead()
  await ws.getUnreadCount()

  await ws.markAllMessagesRead()
  await ws.getUnreadCount()
  await ws.closed()
}

// --- the check: `node examples/mark-as-read.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const bob = await join('bob')
  const cem = await join('cem')
  const byBob = [
    await bob.says('One'),
    await bob.says('Two'),
    await bob.says('A', ann.name),
    await bob.says('B', ann.name),
  ]
  const byCem = [await cem.says('Three'), await cem.says('C', ann.name)]
  const program = await start()
  await program.prints('unread: 3 in the room, 3 direct\n')
  await program.prints('unread: 2 in the room, 3 direct\n')
  await program.prints('unread: 2 in the room, 1 direct\n')
  await program.prints('unread: 0 in the room, 1 direct\n')
  await program.prints('unread: 0 in the room, 0 direct\n')
  await program.interrupt()

  // Every author has one receipt for each message, however it was marked.
  for (const [author, messages] of [
    [bob, byBob],
    [cem, byCem],
  ] as const) {
    await author.until(() => author.receipts.length >= messages.length, 'to have all receipts')
    assert.deepEqual(author.receipts.toSorted(), messages.map(({ id }) => `${id} ann`).toSorted())
  }
})
