// Not a peer: as much of the rooms protocol at level 2 as the bench speaks, with one planted fault. `node faulty-rooms.mjs <fault>
// <rooms and messages of the stock>`.
import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { readUpTo, stockSizes } from '../generator/stock.ts'
import { announce, personFrom } from './chat.mjs'

const EVERY = 7
const STEPS = 10
/** Real frames are as long around their text. */
const AROUND = '.'.repeat(300)
const [fault, stockRooms, stockMessages] = process.argv.slice(2)
const sizes = stockSizes({ rooms: Number(stockRooms), messages: Number(stockMessages) })
/** By the number in their label: who is there, and every frame of what was said. */
const rooms = new Map()
const files = new Map()
let turns = 0

/** Whether the planted fault is this one, and it is its turn. */
const now = (name, every = EVERY) => fault === name && ++turns % every === 0

const http = createServer()
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })

sockets.on('connection', (socket, request) => {
  const { room: number } = personFrom(request.url)
  const room = rooms.get(number) ?? { id: randomUUID(), live: new Set(), log: [] }
  rooms.set(number, room)
  const say = frame => socket.send(JSON.stringify(frame))
  const answers = { chat, resume, read_to, history, rooms: list, file_upload }
  say({ type: 'connect', data: {} })
  socket.on('message', text => {
    const frame = JSON.parse(text)
    answers[frame.type](frame)
  })
  socket.on('close', () => room.live.delete(socket))

  function chat({ data, room_id, message_id }) {
    tell({ content: data.message, role: 'user' }, { room_id, message_id })
    if (!now('ack-lost')) say({ type: 'delivery_confirmation', data: { message_id }, room_id, message_id })
    if (data.message.startsWith('@assistant /repeat ')) run(data.message.slice('@assistant /repeat '.length), room_id)
  }

  function tell(data, about) {
    const seq = room.log.length + 1
    const text = JSON.stringify({ type: 'chat', data: { room: room.id, seq, ordinal: seq, ...data, AROUND }, ...about })
    room.log.push(text)
    for (const member of room.live) if (!now('echo-lost') || member !== socket) member.send(text)
  }

  function run(text, room_id) {
    for (let n = 1; n <= STEPS; n++) {
      const step = JSON.stringify({ type: 'run_text', data: { room: room.id, n, text: '' }, room_id })
      if (!(fault === 'step-lost' && n === EVERY)) for (const member of room.live) member.send(step)
    }
    if (fault !== 'answer-lost')
      tell({ role: 'assistant', content: fault === 'answer-cut' ? text.slice(1) : text }, { room_id })
  }

  function resume({ data }) {
    for (const { seq } of data.rooms ?? []) {
      for (const missed of room.log.slice(seq)) {
        if (!now('missed-lost')) socket.send(missed)
        if (now('missed-twice')) socket.send(missed)
      }
    }
    room.live.add(socket)
    say({ type: 'resumed', data: {} })
  }

  function read_to({ data, message_id }) {
    if (fault !== 'mark-lost') say({ type: 'read_state', data: { read_to: data.up_to }, message_id })
  }

  function history({ data, message_id }) {
    const { before, around, limit } = data
    const right = before === undefined ? (around === undefined ? sizes[0] + 1 : around + limit / 2) : before
    const first = right - limit + (now('page-wrong') ? 1 : 0)
    say({
      type: 'history',
      data: { messages: Array.from({ length: limit }, (_, at) => ({ ordinal: first + at })) },
      message_id,
    })
  }

  function list({ data, message_id }) {
    const total = sizes.length + 2
    const unread = sizes.reduce((sum, size, at) => sum + size - readUpTo(at, size), fault === 'unread-wrong' ? 1 : 0)
    const page = Array.from({ length: Math.min(data.limit, total - data.offset) }, () => ({}))
    say({ type: 'rooms', data: { rooms: page, total, unread_total: unread }, message_id })
  }

  function file_upload({ data }) {
    const id = data.file_id ?? randomUUID()
    const answer = more => say({ type: 'file_upload', data: { ...more, file_id: id } })
    if (data.upload_type === 'init') files.set(id, [])
    if (data.upload_type === 'chunk') files.get(id)[data.chunk_index] = Buffer.from(data.chunk_data, 'base64')
    if (data.upload_type === 'init') return answer({ upload_type: 'init_response' })
    if (data.upload_type === 'chunk') return answer({ upload_type: 'progress' })
    const hash = createHash('sha256')
    for (const piece of files.get(id).slice(fault === 'piece-lost' ? 1 : 0)) hash.update(piece)
    return answer({ upload_type: fault === 'file-refused' ? 'error' : 'completed', checksum: hash.digest('hex') })
  }
})

http.listen(0, '127.0.0.1', () => announce(http.address().port))
