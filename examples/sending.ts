// What may be sent to the room, and what is refused before it is sent.
import { TokenBowlWebSocket, ValueError } from '@parley/client'
import { example } from './support/example.ts'

const LINES = `
  Line breaks and spaces arrive
    as they were sent.
`

async function main() {
  const ws = await TokenBowlWebSocket.open()
  await ws.sendMessage('A short one.')
  await ws.sendMessage(LINES)
  await ws.sendMessage('👍'.repeat(10_000)) // characters count, not bytes

  await complain(() => ws.sendMessage(''))
  await complain(() => ws.sendMessage('x'.repeat(10_001)))
  await ws.disconnect()
  await complain(() => ws.sendMessage('Too late.'))
}

/** Says why something was not sent. */
async function complain(send: () => Promise<void>) {
  try {
    await send()
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    console.log(error.message)
  }
}

// --- the check: `node examples/sending.ts`

await example(import.meta, main, async ({ join, start }) => {
  const bob = await join('bob')
  const program = await start()
  await program.prints(
    [
      'Content must be 1-10000 characters',
      'Content must be 1-10000 characters',
      'WebSocket not connected. Call connect() first.\n',
    ].join('\n'),
  )
  await program.ends()
  for (const content of ['A short one.', LINES, '👍'.repeat(10_000)]) await bob.hears(content)
})
