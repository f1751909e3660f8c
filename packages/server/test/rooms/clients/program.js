// Drives the guide's client: reads commands as JSON lines, prints what happens as JSON lines.
// Usage: program.js URL TOKEN ROOM SECOND, where ROOM may be empty and SECOND is in milliseconds.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { WebSocketChatClient } from './chat-client.js'

const tell = (event, fields) => console.log(JSON.stringify({ event, ...fields }))
const CHUNK_BYTES = 1_048_576

class Client extends WebSocketChatClient {
  #file = null
  #handled = false

  onOpen(event) {
    super.onOpen(event)
    tell('open')
  }

  onClose(event) {
    tell('closed', { code: event.code })
    if (this.reconnectAttempts === this.maxReconnectAttempts) tell('gave up')
    super.onClose(event)
  }

  handleMessage(frame) {
    this.#handled = false
    super.handleMessage(frame)
    tell('frame', { frame, handled: this.#handled })
  }

  handleChatMessage() {
    this.#handled = true
  }

  handleTypingIndicator() {
    this.#handled = true
  }

  handleError() {
    this.#handled = true
  }

  /** Goes on with an upload: all pieces, then its end once they are all there. */
  handleFileUpload({ data }) {
    this.#handled = true
    if (data.upload_type === 'init_response') this.#sendPieces(data.file_id)
    if (data.upload_type !== 'progress' || !this.#file || data.uploaded_chunks !== data.total_chunks) return
    const checksum = createHash('sha256').update(this.#file).digest('hex')
    this.send({ type: 'file_upload', data: { upload_type: 'finalize', file_id: data.file_id, checksum } })
  }

  upload(name, bytes, roomId = this.roomId) {
    this.#file = bytes
    const data = { upload_type: 'init', file_name: name, file_size: bytes.length, mime_type: 'text/plain' }
    this.send({ type: 'file_upload', data, room_id: roomId })
  }

  #sendPieces(id) {
    const total = Math.ceil(this.#file.length / CHUNK_BYTES)
    for (let index = 0; index < total; index++) {
      const piece = this.#file.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
      const data = { upload_type: 'chunk', file_id: id, chunk_index: index, total_chunks: total }
      this.send({ type: 'file_upload', data: { ...data, chunk_data: piece.toString('base64') } })
    }
  }
}

const [url, token, room, second] = process.argv.slice(2)
const client = new Client(token, room || null, { url, second: Number(second) })
client.connect()

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...given } = JSON.parse(line)
  if (command === 'chat') client.sendChatMessage(given.text, given.conversation)
  if (command === 'type') client.sendTypingIndicator(given.isTyping)
  if (command === 'upload') client.upload(given.name, Buffer.from(given.text.repeat(given.times)))
  if (command === 'send') client.send(given.frame)
}
