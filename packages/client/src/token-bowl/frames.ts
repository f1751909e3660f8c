import { TokenBowlError } from '../errors.ts'
import type { MessageResponse, UnreadCountResponse } from './types.ts'

/** A frame of the server that means something to this client. */
export type Incoming =
  | { readonly is: 'message'; readonly message: MessageResponse }
  | { readonly is: 'message_sent'; readonly message: MessageResponse }
  | { readonly is: 'read_receipt'; readonly messageId: string; readonly readBy: string; readonly readAt: string | null }
  | { readonly is: 'unread_count'; readonly count: UnreadCountResponse }
  | { readonly is: 'typing'; readonly username: string; readonly toUsername: string | null }
  | { readonly is: 'ping' }
  /** What the server complains of, or a message that can't be shown. */
  | { readonly is: 'error'; readonly error: TokenBowlError }

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
const textOrNull = (value: unknown): string | null => (isText(value) ? value : null)

/** Reads one frame. Undefined for what is undecodable, unknown, or of no interest here: confirmations of marks, lists. */
export function readFrame(text: string): Incoming | undefined {
  const fields = parse(text)
  if (!isFields(fields)) return undefined
  switch (fields.type) {
    case 'ping':
      return { is: 'ping' }
    case 'message_sent':
      return readMessage(fields.message, 'message_sent')
    case 'read_receipt':
      return readReceipt(fields)
    case 'unread_count':
      return readUnreadCount(fields)
    case 'typing':
      return readTyping(fields)
    case 'error':
      return isText(fields.error) ? { is: 'error', error: new TokenBowlError(fields.error) } : undefined
    default:
      return isChat(fields) ? readMessage(fields, 'message') : undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A message has no `type`; one whose `type` nobody knows is a message if it looks like one. */
function isChat(fields: Fields): boolean {
  const marks = ['from_username', 'content'].filter(name => name in fields).length
  return marks === 2 || (marks === 1 && (fields.type === undefined || fields.type === null))
}

const TEXTS = ['id', 'from_user_id', 'from_username', 'content', 'timestamp'] as const
type Texts = Record<(typeof TEXTS)[number], string>

const hasTexts = (fields: Fields): fields is Fields & Texts => TEXTS.every(name => isText(fields[name]))
const isMessageType = (value: unknown): value is MessageResponse['message_type'] =>
  value === 'room' || value === 'direct' || value === 'system'

const malformed = (field: string): Incoming => ({
  is: 'error',
  error: new TokenBowlError(`The server sent a malformed message: bad ${field}`),
})

/** Checks a message by hand, from a frame or from the history. What may be left out gets its default. */
export function readMessage(fields: unknown, is: 'message' | 'message_sent'): Incoming {
  if (!isFields(fields)) return malformed('shape')
  if (!hasTexts(fields)) return malformed(TEXTS.find(name => !isText(fields[name])) ?? 'shape')
  if (!isMessageType(fields.message_type)) return malformed('message_type')
  if (Number.isNaN(Date.parse(fields.timestamp))) return malformed('timestamp')
  const message: MessageResponse = {
    id: fields.id,
    from_user_id: fields.from_user_id,
    from_username: fields.from_username,
    from_user_logo: textOrNull(fields.from_user_logo),
    from_user_emoji: textOrNull(fields.from_user_emoji),
    from_user_bot: fields.from_user_bot === true,
    to_user_id: textOrNull(fields.to_user_id),
    to_username: textOrNull(fields.to_username),
    content: fields.content,
    message_type: fields.message_type,
    description: textOrNull(fields.description) ?? '',
    timestamp: fields.timestamp,
  }
  return { is, message }
}

function readReceipt({ message_id, read_by, read_at }: Fields): Incoming | undefined {
  return isText(message_id) && isText(read_by)
    ? {
        is: 'read_receipt',
        messageId: message_id,
        readBy: read_by,
        readAt: typeof read_at === 'string' ? read_at : null,
      }
    : undefined
}

function readUnreadCount(fields: Fields): Incoming | undefined {
  const { unread_room_messages, unread_direct_messages, total_unread } = fields
  return isNumber(unread_room_messages) && isNumber(unread_direct_messages) && isNumber(total_unread)
    ? { is: 'unread_count', count: { unread_room_messages, unread_direct_messages, total_unread } }
    : undefined
}

function readTyping({ username, to_username }: Fields): Incoming | undefined {
  return isText(username) ? { is: 'typing', username, toUsername: textOrNull(to_username) } : undefined
}
