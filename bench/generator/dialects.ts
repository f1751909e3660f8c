/** What a frame from the server is, as far as the load generator cares. */
type Kind = 'chat' | 'sent' | 'marked' | 'receipt' | 'ping' | 'error' | 'other'

/** How a server's clients talk: everything the generator has to know about a wire. */
export interface Dialect {
  /** What a client says after the upgrade and what the answer starts with; undefined where nobody greets. */
  readonly greeting: { readonly say: string; readonly expect: string } | undefined
  /** The answer to a frame of kind `ping`. */
  readonly pong: string
  chat(content: string, to: string | undefined): string
  markRead(messageId: string): string
  kind(payload: Buffer): Kind
}

export type DialectName = 'token-bowl' | 'socket-io'

const KINDS: Record<string, Kind> = {
  message: 'chat',
  message_sent: 'sent',
  marked_read: 'marked',
  read_receipt: 'receipt',
  ping: 'ping',
  error: 'error',
}

const tokenBowl: Dialect = {
  greeting: undefined,
  pong: '{"type":"pong"}',
  chat: (content, to) => JSON.stringify(to === undefined ? { content } : { content, to_username: to }),
  markRead: id => JSON.stringify({ type: 'mark_read', message_id: id }),
  kind(payload) {
    const start = payload.toString('latin1', 0, 32)
    if (start.startsWith('{"type":"')) return KINDS[start.slice(9, start.indexOf('"', 9))] ?? 'other'
    if (start.startsWith('{"id":"')) return 'chat'
    const { type } = JSON.parse(payload.toString()) as { type?: string }
    return type === undefined ? 'chat' : (KINDS[type] ?? 'other')
  },
}

/** Engine.IO 4 carries a packet type (2 ping, 3 pong, 4 message), Socket.IO adds its own (0 connect, 2 event). */
const socketIo: Dialect = {
  greeting: { say: '40', expect: '40' },
  pong: '3',
  chat: (content, to) =>
    `42${JSON.stringify(['message', to === undefined ? { content } : { content, to_username: to }])}`,
  markRead: id => `42${JSON.stringify(['mark_read', { message_id: id }])}`,
  kind(payload) {
    const start = payload.toString('latin1', 0, 32)
    if (start === '2') return 'ping'
    return start.startsWith('42["') ? (KINDS[start.slice(4, start.indexOf('"', 4))] ?? 'other') : 'other'
  },
}

export const dialects: Record<DialectName, Dialect> = { 'token-bowl': tokenBowl, 'socket-io': socketIo }
