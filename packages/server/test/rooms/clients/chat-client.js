/**
 * A client for browsers as the guide of the rooms protocol teaches to write one: the same constructor, methods, frames
 * and reconnection. `url` and `second`, how many milliseconds a second lasts, are for tests.
 */
export class WebSocketChatClient {
  constructor(token, roomId = null, { url = 'ws://localhost:8000/api/v1/ws/ws', second = 1000 } = {}) {
    Object.assign(this, { token, roomId, url, second })
    this.socket = null
    this.reconnectAttempts = 0
    this.maxReconnectAttempts = 5
  }

  connect() {
    const query = new URLSearchParams({ token: this.token })
    if (this.roomId) query.append('room_id', this.roomId)
    this.socket = new WebSocket(`${this.url}?${query}`)
    this.socket.onopen = event => this.onOpen(event)
    this.socket.onmessage = event => this.onMessage(event)
    this.socket.onclose = event => this.onClose(event)
    this.socket.onerror = event => this.onError(event)
  }

  onOpen() {
    this.reconnectAttempts = 0
  }

  onMessage({ data }) {
    this.handleMessage(JSON.parse(data))
  }

  onClose() {
    this.attemptReconnect()
  }

  onError() {}

  handleMessage(frame) {
    if (frame.type === 'chat') this.handleChatMessage(frame)
    else if (frame.type === 'typing') this.handleTypingIndicator(frame)
    else if (frame.type === 'file_upload') this.handleFileUpload(frame)
    else if (frame.type === 'error') this.handleError(frame)
  }

  sendChatMessage(text, conversationId = null) {
    const data = { message: text, conversation_id: conversationId, model_preference: 'gpt-4' }
    this.send({ type: 'chat', data, room_id: this.roomId, message_id: `msg-${Date.now()}` })
  }

  sendTypingIndicator(isTyping) {
    this.send({ type: 'typing', data: { is_typing: isTyping, room_id: this.roomId } })
  }

  /** Nothing leaves unless the connection is open. */
  send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame))
  }

  attemptReconnect() {
    if (this.reconnectAttempts >= this.maxReconnectAttempts) return
    this.reconnectAttempts += 1
    setTimeout(() => this.connect(), 2 ** this.reconnectAttempts * this.second)
  }
}
