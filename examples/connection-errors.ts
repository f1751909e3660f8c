// What goes wrong with connections: a wrong key, a server that is not there, one that goes away and comes back.
import { AuthenticationError, NetworkError, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

/** Says hello, or why that is not possible. */
async function greet(options: { apiKey?: string; baseUrl?: string }) {
  try {
    await using ws = await TokenBowlWebSocket.open(options)
    await ws.sendMessage('Hello!')
  } catch (error) {
    if (error instanceof AuthenticationError) console.log(`The key is wrong: ${error.message}`)
    else if (error instanceof NetworkError) console.log(`The network: ${error.message}`)
    else throw error
  }
}

async function main() {
  await greet({ apiKey: 'made-up' })
  await greet({ baseUrl: 'ws://localhost:65535' })

  await using ws = await TokenBowlWebSocket.open({
    reconnect: true, // what is missed meanwhile is delivered then; without this, a loss is the end
    onConnect: () => console.log('connected'),
    onMessage: message => console.log(`${message.from_username}: ${message.content}`),
    onError: error => console.log(error instanceof NetworkError ? `trouble: ${error.message}` : `error: ${error}`),
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.closed()
}

// --- the check: `node examples/connection-errors.ts`

await example(import.meta, main, async ({ join, server, start }) => {
  const bob = await join('bob')
  const program = await start()
  await program.prints('The key is wrong: Invalid API key\n')
  await program.prints(/The network: Failed to connect: .*ECONNREFUSED.*\n/)
  await program.prints('connected\n')
  await server.stop()
  await program.prints('trouble: The connection was lost (code 1012: Server is restarting)\n')
  await server.start()
  await bob.http.sendMessage('Did you hear me?')
  await program.prints('connected\n')
  await program.prints('bob: Did you hear me?\n')
  await program.interrupt()
})
