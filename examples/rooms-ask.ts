// Asks the assistant what is typed, and prints its answers while they are written. Ctrl-C ends.
import { createInterface } from 'node:readline'
import { ChatClient, type Room } from '@parley/client/chat'
import { example } from './support/example.ts'

async function main() {
  await using client = await ChatClient.open()
  const keyboard = createInterface(process.stdin)
  process.once('SIGINT', () => keyboard.close())

  let conversation: Room | undefined
  console.log('What is it?')
  for await (const question of keyboard) {
    // The first question begins a conversation; the others go on with it.
    const asked = conversation
      ? { room: conversation, ...(await conversation.ask(question)) }
      : await client.ask(question)
    conversation = asked.room
    for await (const step of asked.run) {
      if (step.type === 'text') process.stdout.write(step.text)
      if (step.type === 'tool') console.log(`[${step.name}: ${step.state}]`)
    }
    const { state, info } = await asked.run.done
    console.log(`\n(${state}, ${info.tokens ?? 'unknown'} tokens, ${info.model})`)
  }
}

// --- the check: `node examples/rooms-ask.ts`

await example(import.meta, main, async ({ start }) => {
  const program = await start()
  await program.prints('What is it?')
  program.types('2+2*3')
  await program.prints('8')
  await program.prints('(completed, ')
  program.types('7*6')
  await program.prints('42')
  await program.prints('(completed, ')
  await program.interrupt()
})
