// Every callback there is.
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  const ws = new TokenBowlWebSocket({
    onConnect: () => console.log('connected'),
    onMessage: message => console.log(`${message.from_username}: ${message.content}`),
    onMessageSent: message => console.log(`stored: ${message.content}`),
    onReadReceipt: (messageId, readBy) => console.log(`${readBy} has read ${messageId}`),
    onUnreadCount: count => console.log(`unread: ${count.total_unread}`),
    onTyping: (username, toUsername) => console.log(`${username} is typing to ${toUsername ?? 'the room'}`),
    onError: error => console.log(`error: ${error.message}`),
    onDisconnect: () => console.log('disconnected'),
  })
  process.once('SIGINT', () => ws.disconnect())

  await ws.connect()
  await ws.sendMessage('Anybody there?')
  await ws.sendMessage('Psst!', { toUsername: 'nobody' }) // the server refuses this: onError
  await ws.getUnreadCount()
  await ws.closed()
}

// --- the check: `node examples/handlers.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const bob = await join('bob')
  const program = await start()
  await program.prints(
    ['connected', 'stored: Anybody there?', 'error: User nobody not found', 'unread: 0\n'].join('\n'),
  )
  const { id } = await bob.hears('Anybody there?')
  await bob.ws.sendTypingIndicator()
  await program.prints('bob is typing to the room\n')
  await bob.ws.sendTypingIndicator({ toUsername: ann.name })
  await program.prints('bob is typing to ann\n')
  await bob.says('I am.')
  await program.prints('bob: I am.\n')
  await bob.ws.markMessageRead(id)
  await program.prints(`bob has read ${id}\n`)
  await program.interrupt()
  await program.prints('disconnected\n')
})
