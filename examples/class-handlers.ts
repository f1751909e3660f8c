// A class whose methods are the callbacks: whatever they need to remember has its place.
import { type MessageResponse, type TokenBowlHandlers, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

class Listener implements TokenBowlHandlers {
  readonly #messages: MessageResponse[] = []
  readonly #errors: Error[] = []

  onConnect() {
    console.log('connected')
  }

  onMessage(message: MessageResponse) {
    this.#messages.push(message)
    console.log(`${this.#messages.length}. ${message.from_username}: ${message.content}`)
  }

  onError(error: Error) {
    this.#errors.push(error)
  }

  onDisconnect() {
    console.log(`${this.#messages.length} messages, ${this.#errors.length} errors`)
  }
}

async function main() {
  await using ws = await TokenBowlWebSocket.open({ handlers: new Listener() })
  process.once('SIGINT', () => ws.disconnect())
  await ws.markMessageRead('no such message')
  await ws.closed()
}

// --- the check: `node examples/class-handlers.ts`

await example(import.meta, main, async ({ join, start }) => {
  const bob = await join('bob')
  const program = await start()
  await program.prints('connected\n')
  await bob.says('One')
  await bob.says('Two')
  await program.prints('1. bob: One\n2. bob: Two\n')
  await program.interrupt()
  await program.prints('2 messages, 1 errors\n')
})
