import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { listen } from '../../src/system/listen.ts'

const LARGE = Buffer.alloc(64 * 1024 * 1024)

test('[OPS-37] whoever takes nothing of an answer is cut off', async () => {
  const asked = Promise.withResolvers<void>()
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: null,
    onRequest: (_, response) => {
      response.end(LARGE)
      asked.resolve()
    },
    onUpgrade: (_, socket) => socket.destroy(),
    onFault: error => expect.unreachable(String(error)),
    silence: 100,
  })
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await asked.promise
  // With the answer stuck nothing but the cut can end this.
  await server.close(60_000)
  socket.resume()
  let read = 0
  socket.on('data', part => (read += part.length))
  await once(socket, 'close')
  expect(read).toBeLessThan(LARGE.length)
})
