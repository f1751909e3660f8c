// Takes its time to read, marks what it has read, and knows which of its own messages others have read.
import { setTimeout as sleep } from 'node:timers/promises'
import { type MessageResponse, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

const READING_MS = Number(process.env.READING_MS ?? 1_000)

async function main() {
  const sent = new Map<string, string>()

  await using ws = new TokenBowlWebSocket({
    // The id of an own message comes with its confirmation.
    onMessageSent: message => sent.set(message.id, message.content),
    onReadReceipt: (messageId, readBy) => console.log(`${readBy} has read: ${sent.get(messageId) ?? messageId}`),
    async onMessage(message) {
      console.log(`[${clock(message)}] ${message.from_username}: ${message.content}`)
      await sleep(READING_MS)
      if (ws.isConnected) await ws.markMessageRead(message.id)
    },
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.connect()
  await ws.sendMessage('Is this thing on?')
  await ws.closed()
}

const clock = ({ timestamp }: MessageResponse) => new Date(timestamp).toLocaleTimeString('en-GB')

// --- the check: `node examples/smart-reader.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const bob = await join('bob')
  const program = await start({ env: { ...ann.env, READING_MS: '1' } })
  const hello = await bob.hears('Is this thing on?')
  await bob.ws.markMessageRead(hello.id)
  await program.prints('bob has read: Is this thing on?\n')

  const { id } = await bob.says('I did.')
  await program.prints(/\[\d\d:\d\d:\d\d\] bob: I did\.\n/)
  await bob.until(() => bob.receipts.includes(`${id} ann`), 'to get the receipt')
  await program.interrupt()
})
