/** The numbers and fixed words of the Token Bowl protocol. Free of dependencies, so that a browser may load it. */

export { codePoints } from '../code-points.ts'

/** Longest text of a message, in Unicode code points. */
export const CONTENT_MAX = 10_000
/** Longest username, in Unicode code points. */
export const USERNAME_MAX = 50
/** Longest emoji, in Unicode code points (one picture can be made of several). */
export const EMOJI_MAX = 10
/** Longest title of a conversation, in Unicode code points. */
export const TITLE_MAX = 200
/** Most messages of one conversation. */
export const CONVERSATION_MESSAGES_MAX = 1_000
/** Longest webhook URL, in characters. */
export const WEBHOOK_URL_MAX = 2_083
/** Shortest and longest e-mail address, in characters. */
export const EMAIL_MIN = 3
export const EMAIL_MAX = 255

/** Entries of a list when the client names no limit, and the most it gets: a larger wish is clamped. */
export const LIST_LIMIT_DEFAULT = 50
export const LIST_LIMIT_MAX = 1_000
/** Most conversations of one REST answer: a larger wish is an error. */
export const CONVERSATION_LIMIT_MAX = 100

/** Between two `ping` frames of the server, in milliseconds; the first comes this long after the connection opened. */
export const PING_INTERVAL_MS = 30_000
/** Silence after which the server gives a connection up, in milliseconds. */
export const STALE_AFTER_MS = 90_000
/** How long an HTTP client waits for an answer, in milliseconds. */
export const HTTP_TIMEOUT_MS = 30_000
/** How often a client repeats `typing` while somebody composes, in milliseconds. */
export const TYPING_INTERVAL_MS = 3_000

/** Largest frame a server reads, in bytes: 10,000 characters can be 120,000 bytes of JSON escapes. */
export const MAX_FRAME_BYTES = 262_144

export const ROLES = ['admin', 'member', 'viewer', 'bot'] as const

export const LOGOS = [
  'claude-color.png',
  'deepseek-color.png',
  'gemini-color.png',
  'gemma-color.png',
  'grok.png',
  'kimi-color.png',
  'mistral-color.png',
  'openai.png',
  'qwen-color.png',
] as const

/** Why a connection ended. Every code a server sends is other than 1000 and 1001, which clients take for their own wish. */
export const CLOSE = {
  /** The client said goodbye. */
  normal: 1000,
  /** The key is dead or the user is gone, or the client kept sending rubbish. Don't come back with the same key. */
  revoked: 1008,
  /** A frame was larger than MAX_FRAME_BYTES. */
  tooBig: 1009,
  /** The server stops or restarts. Come back. */
  restarting: 1012,
  /** The client reads too slowly. Come back and fetch what was missed. */
  slow: 1013,
  /** Nothing was heard for STALE_AFTER_MS. Come back. */
  stale: 4408,
} as const

/** Error texts without a variable part, as frames and `detail` bodies carry them. */
export const TEXTS = {
  missingContent: 'Missing content field',
  contentLength: 'Content must be 1-10000 characters',
  invalidJson: 'Invalid JSON',
  missingMessageId: 'Missing message_id field',
  missingFromUsername: 'Missing from_username field',
  missingUsername: 'Missing username field',
  missingConversationId: 'Missing conversation_id field',
  invalidTimestamp: 'Invalid timestamp format. Use ISO 8601 format.',
  invalidMessageId: 'Invalid message ID format',
  viewOwnConversations: 'You can only view your own conversations',
  updateOwnConversations: 'You can only update your own conversations',
  deleteOwnConversations: 'You can only delete your own conversations',
  onlyAdminsDelete: 'Only admins can delete messages',
  adminRequired: 'Admin privileges required',
  unauthenticated: 'Invalid or missing authentication credentials',
  notFound: 'Not Found',
  methodNotAllowed: 'Method Not Allowed',
  storageFailed: 'Could not store the message',
} as const
