// A conversation of three questions, each asked when the one before is answered, in the light of what was said.
import { type AssistantFrame, WebSocketChatClient, WebSocketConfig } from '@parley/client/assistant'
import { example } from './support/example.ts'

async function main() {
  const endpoint = process.env.BEDROCK_WS_ENDPOINT ?? 'ws://localhost:8000/ws/chat'
  let heard: (frame: AssistantFrame) => void = () => undefined
  const client = new WebSocketChatClient(new WebSocketConfig({ endpoint }), {
    onMessage: frame => heard(frame),
    onError: text => console.error(`Error: ${text}`),
  })
  const answerTo = (question: string) =>
    new Promise<string>(resolve => {
      heard = frame => frame.type === 'ai_response' && resolve(String(frame.message))
      client.sendChatMessage(question)
    })
  if (!(await client.connect())) return
  for (const question of ['2+2', '/repeat And twice that?', '8/2']) {
    console.log(`You: ${question}`)
    console.log(`AI: ${await answerTo(question)}`)
  }
  client.logout()
  client.disconnect()
}

// --- the check: `node examples/assistant-conversation.ts`

await example(import.meta, main, async ({ start }) => {
  const program = await start()
  for (const line of ['You: 2+2', 'AI: 2+2 = 4', 'AI: And twice that?', 'AI: 8/2 = 4']) await program.prints(line)
  await program.ends()
})
