// Not a peer: a chat server with one planted fault, to see that the bench notices. `node faulty.mjs <fault>`.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { announce, messageFrom, personFrom } from './chat.mjs'

const EVERY = 7
/** A member for whom more bytes than this wait is slow. */
const SLOW = 1 << 20
const fault = process.argv[2]
const members = new Map()
let deliveries = 0
let acks = 0
let held
let givenUp = 0

const http = createServer((_request, response) => {
  response.end(`parley_slow_readers 1\nparley_slow_reader_turns_total{turn="closed"} ${givenUp}\n`)
})
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })

sockets.on('connection', (socket, request) => {
  const person = personFrom(request.url)
  members.set(socket, person.name)
  socket.on('close', () => members.delete(socket))
  socket.on('message', data => {
    const frame = JSON.parse(data)
    if (frame.type === 'mark_read') confirm(socket, frame.message_id)
    else send(person, socket, frame)
  })
})

function send(person, socket, frame) {
  const message = messageFrom(person, frame)
  const text = JSON.stringify(message)
  for (const [member, name] of members) {
    if (frame.to_username === undefined ? member !== socket : name === frame.to_username) deliver(member, text)
  }
  if (!(fault === 'ack-lost' && ++acks % EVERY === 0)) ack(socket, message)
  if (fault === 'ack-twice' && ++acks % EVERY === 0) ack(socket, message)
}

function ack(socket, message) {
  socket.send(JSON.stringify({ type: 'message_sent', status: 'sent', message }))
}

function confirm(socket, id) {
  if (fault !== 'mark-lost') socket.send(JSON.stringify({ type: 'marked_read', message_id: id, status: 'success' }))
}

function deliver(member, text) {
  const slow = member.bufferedAmount > SLOW
  if (slow && fault === 'slow-drop') return
  if (slow && fault === 'slow-repeat') member.send(text)
  if (slow && fault === 'slow-cut') member.terminate()
  if (slow && fault === 'slow-bye' && givenUp++ === 0) member.close(1000, 'bye')
  const now = ++deliveries % EVERY === 0
  if (now && fault === 'drop') return
  if (now && fault === 'reorder' && held === undefined) {
    held = { member, text }
    return
  }
  if (now && fault === 'close') member.terminate()
  if (now && fault === 'error') member.send('{"type":"error","error":"planted"}')
  member.send(text)
  if (now && fault === 'repeat') member.send(text)
  if (held?.member === member) {
    member.send(held.text)
    held = undefined
  }
}

http.listen(0, '127.0.0.1', () => announce(http.address().port))
