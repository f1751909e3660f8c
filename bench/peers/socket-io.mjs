// Socket.IO as its documentation shows it: rooms, `to(room).except(user)`, WebSocket transport only, no deflate.
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { announce, createAuthors, createStore, messageFrom, personFrom } from './chat.mjs'

const authors = createAuthors()
const store = createStore()

const http = createServer()
/** Connection state recovery as its documentation shows it: rooms and packets are kept in memory for two minutes. */
const recovery = process.argv.includes('--recovery')
  ? { connectionStateRecovery: { maxDisconnectionDuration: 2 * 60 * 1000, skipMiddlewares: true } }
  : {}
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false, ...recovery })

io.on('connection', socket => {
  const person = personFrom(socket.request.url)
  socket.join([person.room, userRoom(person.name)])
  socket.on('message', frame => send(person, socket, frame))
  socket.on('mark_read', frame => markRead(person, socket, frame.message_id))
})

function send(person, socket, frame) {
  const message = messageFrom(person, frame)
  authors.remember(message)
  store(message, () => {
    if (message.to_username !== null) io.to(userRoom(message.to_username)).emit('message', message)
    else io.to(person.room).except(userRoom(person.name)).emit('message', message)
    socket.emit('message_sent', { status: 'sent', message })
  })
}

function markRead(person, socket, id) {
  const receipt = { message_id: id, read_by: person.name, read_at: new Date().toISOString() }
  io.to(userRoom(authors.of(id))).emit('read_receipt', receipt)
  socket.emit('marked_read', { message_id: id, status: 'success' })
}

function userRoom(name) {
  return `user:${name}`
}

http.listen(0, '127.0.0.1', () => announce(http.address().port))
