// Asks the assistant one question, prints the answer and ends.
import { WebSocketChatClient, WebSocketConfig } from '@parley/client/assistant'
import { example } from './support/example.ts'

async function main() {
  const endpoint = process.env.BEDROCK_WS_ENDPOINT ?? 'ws://localhost:8000/ws/chat'
  const answered = Promise.withResolvers<void>()
  const client = new WebSocketChatClient(new WebSocketConfig({ endpoint }), {
    onConnected: session => console.log(`Connected: ${session}`),
    onMessage(frame) {
      if (frame.type !== 'ai_response') return
      console.log(`AI: ${frame.message}`)
      answered.resolve()
    },
    onError: text => console.error(`Error: ${text}`),
  })
  if (!(await client.connect())) return
  client.sendChatMessage('6*7')
  await answered.promise
  client.disconnect()
}

// --- the check: `node examples/assistant-basic.ts`

await example(import.meta, main, async ({ start }) => {
  const program = await start()
  await program.prints('Connected: ')
  await program.prints('AI: 6*7 = 42')
  await program.ends()
})
