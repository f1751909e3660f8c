// Shows every frame of the assistant in a way of its own.
import { type AssistantFrame, WebSocketChatClient, WebSocketConfig } from '@parley/client/assistant'
import { example } from './support/example.ts'

/** What is not known here is printed as it is. */
function show(frame: AssistantFrame): void {
  switch (frame.type) {
    case 'connection_established':
      return console.log('* here')
    case 'typing':
      return console.log(`… ${frame.message}`)
    case 'ai_response':
      for (const result of frame.tool_results ?? []) console.log('tool:', JSON.stringify(result))
      return console.log(`> ${frame.message}`)
    case 'history':
      return console.log(`* ${frame.messages.length} messages so far`)
    case 'pong':
      return console.log('* alive')
    default:
      return console.log(frame)
  }
}

async function main() {
  const endpoint = process.env.BEDROCK_WS_ENDPOINT ?? 'ws://localhost:8000/ws/chat'
  const over = Promise.withResolvers<void>()
  const client = new WebSocketChatClient(new WebSocketConfig({ endpoint }), {
    onMessage(frame) {
      show(frame)
      if (frame.type === 'history') over.resolve()
    },
    onError: text => console.error(`Error: ${text}`),
  })
  if (!(await client.connect())) return
  client.ping()
  client.sendChatMessage('/repeat Hello there')
  client.getHistory()
  await over.promise
  client.disconnect()
}

// --- the check: `node examples/assistant-handlers.ts`

await example(import.meta, main, async ({ start }) => {
  const program = await start()
  for (const line of ['* here', '* alive', '… AI is thinking...', '> Hello there', '* 2 messages so far'])
    await program.prints(line)
  await program.ends()
})
