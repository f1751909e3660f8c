// Slow work for each message, one after the other, while messages keep arriving.
import { on, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type MessageResponse, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

/** Stands for anything that takes its time, such as asking a language model. */
async function work({ content }: MessageResponse): Promise<string> {
  const response = await fetch(process.env.SLOW_SERVICE ?? 'http://localhost:9000', { method: 'POST', body: content })
  return response.text()
}

async function main() {
  await using ws = await TokenBowlWebSocket.open({
    onConnect: () => console.log('listening'),
    // Callbacks run when a message arrives, however long the work for earlier ones takes.
    onMessage: message => console.log(`arrived: ${message.content}`),
  })
  process.once('SIGINT', () => ws.disconnect())

  // `messages()` is the queue: what arrives waits in it until the loop comes round. A second loop over the same
  // queue would be a second worker.
  for await (const message of ws.messages()) console.log(`done: ${message.content} → ${await work(message)}`)
}

// --- the check: `node examples/queue-for-slow-work.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  await using service = await startSlowService()
  const bob = await join('bob')
  const program = await start({ env: { ...ann.env, SLOW_SERVICE: service.url } })
  await program.prints('listening\n')
  for (const content of ['one', 'two', 'three']) await bob.says(content)
  await program.prints('arrived: one\narrived: two\narrived: three\n')

  // All are here, and nothing is done yet. Each is asked for when the one before is answered.
  for (const content of ['one', 'two', 'three']) {
    await service.answer(`${content.length} letters`)
    await program.prints(`done: ${content} → ${content.length} letters\n`)
  }
  await program.interrupt()
})

/** A service that answers nobody before it is told to. */
async function startSlowService() {
  const service = createServer().listen(0, '127.0.0.1')
  await once(service, 'listening')
  const requests = on(service, 'request')
  return {
    url: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
    async answer(text: string) {
      const { value } = await requests.next()
      const [, response] = value as [IncomingMessage, ServerResponse] // what a server's `request` event carries
      response.end(text)
    },
    async [Symbol.asyncDispose]() {
      service.closeAllConnections()
      service.close()
    },
  }
}
