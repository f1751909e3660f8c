// Not a peer: the sender behind the ceiling. It takes upgrades, and from the first byte any client sends it writes the
// same prebuilt frames to every socket that has room, for as long as it lives. It parses and builds nothing.
import { createServer } from 'node:http'
import { announce, messageFrom } from './chat.mjs'

const FRAMES_PER_WRITE = 64
const contentLength = Number(process.argv[2] ?? 200)

const burst = Buffer.concat(Array(FRAMES_PER_WRITE).fill(frame()))
const sockets = []
let blasting = false

const http = createServer()
http.on('upgrade', (_request, socket) => {
  socket.setNoDelay(true)
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  socket.on('data', start)
  socket.on('error', () => {})
  sockets.push(socket)
})

function start() {
  if (blasting) return
  blasting = true
  blast()
}

function blast() {
  for (const socket of sockets) if (socket.writable && socket.writableLength === 0) socket.write(burst)
  setImmediate(blast)
}

function frame() {
  const person = { id: '00000000-0000-4000-8000-000000000000', name: 'u000000' }
  const payload = Buffer.from(JSON.stringify(messageFrom(person, { content: 'x'.repeat(contentLength) })))
  const header = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255])
  return Buffer.concat([header, payload])
}

http.listen(0, '127.0.0.1', () => announce(http.address().port))
