// Bun's own WebSocket server with its native publish: the room is a topic and `publish` leaves its sender out.
import { announce, createAuthors, createStore, messageFrom, personFrom } from './chat.mjs'

const users = new Map()
const authors = createAuthors()
const store = createStore()

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request, upgrader) {
    if (upgrader.upgrade(request, { data: personFrom(request.url) })) return undefined
    return new Response('Expected a WebSocket', { status: 400 })
  },
  websocket: {
    perMessageDeflate: false,
    open(socket) {
      socket.subscribe(socket.data.room)
      users.set(socket.data.name, socket)
    },
    message(socket, text) {
      const frame = JSON.parse(text)
      if (frame.type === 'mark_read') markRead(socket, frame.message_id)
      else send(socket, frame)
    },
    close(socket) {
      users.delete(socket.data.name)
    },
  },
})

function send(socket, frame) {
  const message = messageFrom(socket.data, frame)
  authors.remember(message)
  store(message, () => {
    const text = JSON.stringify(message)
    if (message.to_username !== null) users.get(message.to_username)?.send(text)
    else socket.publish(socket.data.room, text)
    socket.send(JSON.stringify({ type: 'message_sent', status: 'sent', message }))
  })
}

function markRead(socket, id) {
  const receipt = { type: 'read_receipt', message_id: id, read_by: socket.data.name, read_at: new Date().toISOString() }
  users.get(authors.of(id))?.send(JSON.stringify(receipt))
  socket.send(JSON.stringify({ type: 'marked_read', message_id: id, status: 'success' }))
}

announce(server.port)
