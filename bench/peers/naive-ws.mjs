// What a first chat server on `ws` looks like: parse, build, stringify once, loop over the room with `client.send`.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { announce, createAuthors, createStore, messageFrom, personFrom } from './chat.mjs'

const rooms = new Map()
const users = new Map()
const authors = createAuthors()
const store = createStore()

const http = createServer()
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })

sockets.on('connection', (socket, request) => {
  const person = personFrom(request.url)
  const room = roomOf(person.room)
  room.add(socket)
  users.set(person.name, socket)
  socket.on('message', data => receive(person, socket, room, JSON.parse(data)))
  socket.on('close', () => {
    room.delete(socket)
    users.delete(person.name)
  })
})

function receive(person, socket, room, frame) {
  if (frame.type === 'mark_read') return markRead(person, socket, frame.message_id)
  const message = messageFrom(person, frame)
  authors.remember(message)
  store(message, () => {
    const text = JSON.stringify(message)
    if (message.to_username !== null) users.get(message.to_username)?.send(text)
    else for (const member of room) if (member !== socket) member.send(text)
    socket.send(JSON.stringify({ type: 'message_sent', status: 'sent', message }))
  })
}

function markRead(person, socket, id) {
  const receipt = { type: 'read_receipt', message_id: id, read_by: person.name, read_at: new Date().toISOString() }
  users.get(authors.of(id))?.send(JSON.stringify(receipt))
  socket.send(JSON.stringify({ type: 'marked_read', message_id: id, status: 'success' }))
}

function roomOf(name) {
  const room = rooms.get(name) ?? new Set()
  rooms.set(name, room)
  return room
}

http.listen(0, '127.0.0.1', () => announce(http.address().port))
