// Follows how much is unread, and says what changed.
import { type TokenBowlHandlers, TokenBowlWebSocket, type UnreadCountResponse } from '@parley/client'
import { example } from './support/example.ts'

/** Handlers that say how each count differs from the one before. */
function tracker(): TokenBowlHandlers {
  let before: UnreadCountResponse | undefined
  return {
    onMessage: message => console.log(`new: ${message.from_username}: ${message.content}`),
    onUnreadCount(count) {
      const details = `room ${count.unread_room_messages}, direct ${count.unread_direct_messages}`
      console.log(`${change(before, count)} (${details})`)
      before = count
    },
  }
}

function change(before: UnreadCountResponse | undefined, { total_unread }: UnreadCountResponse): string {
  if (!before) return `${total_unread} unread at first`
  const more = total_unread - before.total_unread
  if (more > 0) return `${more} more unread, ${total_unread} now`
  return more < 0 ? `${-more} read, ${total_unread} left` : `still ${total_unread} unread`
}

async function main() {
  await using ws = await TokenBowlWebSocket.open({ handlers: tracker() })
  process.once('SIGINT', () => ws.disconnect())
  ws.on('message', () => ws.getUnreadCount()) // counts come on request only

  await ws.getUnreadCount()
  await ws.markRoomMessagesRead()
  await ws.getUnreadCount()
  await ws.closed()
}

// --- the check: `node examples/unread-tracker.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const bob = await join('bob')
  await bob.says('One')
  await bob.says('Two')
  await bob.says('Three', ann.name)
  const program = await start()
  await program.prints('3 unread at first (room 2, direct 1)\n')
  await program.prints('2 read, 1 left (room 0, direct 1)\n')
  await bob.says('Four')
  await program.prints('new: bob: Four\n1 more unread, 2 now (room 1, direct 1)\n')
  await program.interrupt()
})
