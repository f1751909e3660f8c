// Writes to three people, each alone, and hears their answers.
import assert from 'node:assert/strict'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  await using ws = await TokenBowlWebSocket.open({
    onMessage(message) {
      if (message.message_type === 'direct') console.log(`${message.from_username}: ${message.content}`)
    },
    onMessageSent: message => console.log(`stored for ${message.to_username}`),
    onError: error => console.log(`refused: ${error.message}`), // somebody nobody knows, for example
  })
  process.once('SIGINT', () => ws.disconnect())

  for (const name of ['alice', 'bob', 'charlie', 'nobody']) {
    await ws.sendMessage(`Hello, ${name}!`, { toUsername: name })
  }
  await ws.closed()
}

// --- the check: `node examples/direct-messages.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const people = [await join('alice'), await join('bob'), await join('charlie')]
  const program = await start()
  await program.prints('stored for alice\nstored for bob\nstored for charlie\nrefused: User nobody not found\n')
  for (const person of people) {
    await person.hears(`Hello, ${person.name}!`)
    await person.says('Hello yourself', ann.name)
    await program.prints(`${person.name}: Hello yourself\n`)
  }
  await program.interrupt()
  const heard = people.flatMap(person => person.messages.map(message => message.content))
  assert.deepEqual(heard, ['Hello, alice!', 'Hello, bob!', 'Hello, charlie!'])
})
