// Takes the key from a `.env` file, so that it stands in no code and in no shell history.
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  // Reads `.env` in the current folder; variables that are set already win. `node --env-file=.env ...` does the same.
  process.loadEnvFile()

  await using ws = await TokenBowlWebSocket.open({
    onMessageSent: () => ws.disconnect(), // the server has it: we may go
  })
  await ws.sendMessage('My key is in a file.')
  await ws.closed()
}

// --- the check: `node examples/key-from-env-file.ts`

await example(import.meta, main, async ({ ann, join, server, start }) => {
  const bob = await join('bob')
  const text = `# never commit this file\nTOKEN_BOWL_CHAT_API_KEY="${ann.key}"\nTOKEN_BOWL_BASE_URL=${server.url}\n`
  const program = await start({ env: {}, files: { '.env': text } })
  await bob.hears('My key is in a file.')
  await program.ends()
})
