/** The numbers and fixed words of the rooms protocol. Free of dependencies, so that a browser may load it. */

export { codePoints } from '../code-points.ts'

/** Longest text of a message, in Unicode code points. */
export const MESSAGE_MAX = 10_000
/** Longest `system_prompt`, in Unicode code points. */
export const SYSTEM_PROMPT_MAX = 5_000
/** Longest `model_preference`, in Unicode code points. */
export const MODEL_MAX = 255
/** Longest `message_id` of a client, in Unicode code points. */
export const MESSAGE_ID_MAX = 255
/** Longest room id and name of a room, in Unicode code points. */
export const ROOM_ID_MAX = 255
export const ROOM_NAME_MAX = 255
export const TEMPERATURE_MAX = 2
export const MAX_TOKENS_MAX = 8_192

/** Largest frame a server reads, in bytes: a chunk in base64 and its envelope. */
export const MAX_FRAME_BYTES = 1_572_864
/** Largest chunk of an upload, decoded, and largest file, in bytes. */
export const MAX_CHUNK_BYTES = 1_048_576
export const MAX_FILE_BYTES = 52_428_800
/** How long an unfinished upload is kept, in milliseconds. */
export const UPLOAD_EXPIRY_MS = 86_400_000

/** Between two `system` heartbeats, in milliseconds; the first comes this long after the connection opened. */
export const HEARTBEAT_INTERVAL_MS = 30_000
/** How long typing lasts without being said again, in milliseconds. */
export const TYPING_EXPIRY_MS = 5_000
/** Frames a connection may send within RATE_WINDOW_MS. */
export const RATE_LIMIT = 100
export const RATE_WINDOW_MS = 60_000
/** Most frames kept for a user who has no connection. */
export const QUEUE_MAX = 100
/** Most participants that a `join_room` answer names. */
export const PARTICIPANTS_MAX = 500

export const ROOM_TYPES = ['private', 'shared', 'group'] as const

/** File name extensions that may be uploaded, in lower case. */
export const FILE_EXTENSIONS = [
  ...['jpg', 'jpeg', 'png', 'gif', 'bmp', 'webp', 'svg'],
  ...['pdf', 'doc', 'docx', 'txt', 'rtf', 'odt'],
  ...['xls', 'xlsx', 'csv', 'ods'],
  ...['ppt', 'pptx', 'odp'],
  ...['zip', 'rar', '7z', 'tar', 'gz'],
  ...['py', 'js', 'html', 'css', 'json', 'xml', 'md'],
  ...['mp3', 'wav', 'ogg', 'm4a', 'flac'],
  ...['mp4', 'avi', 'mov', 'wmv', 'webm'],
] as const

/** Whom a documented client sees the assistant as. */
export const ASSISTANT = { user_id: 'assistant', username: 'AI Assistant' } as const

/** Why a connection ended. */
export const CLOSE = {
  normal: 1000,
  /** The client kept sending rubbish. */
  rubbish: 1008,
  /** A frame was larger than MAX_FRAME_BYTES. */
  tooBig: 1009,
  /** The server stops or restarts. Come back. */
  restarting: 1012,
  /** The client reads too slowly. Come back and fetch what was missed. */
  slow: 1013,
  /** Something of the server's own broke. */
  internal: 4000,
  /** The credential died: signed out, password changed, user disabled. Don't come back with the same token. */
  revoked: 4001,
  /** Nothing was heard for half an hour. */
  idle: 4408,
} as const

/** Error texts without a variable part. */
export const TEXTS = {
  rateLimit: 'Rate limit exceeded',
  invalidJson: 'Invalid JSON format',
  invalidType: 'Invalid message type',
  invalidMessage: 'Message processing error',
  messageRequired: 'Message content required',
  messageTooLong: 'Message is too long',
  roomRequired: 'room_id is required',
  accessDenied: 'Access denied to room',
  notInRoom: 'Not in room',
  aiFailed: 'AI processing error',
  chatFailed: 'Failed to process AI message',
  internal: 'Message processing error',
  // HTTP
  roomUnknown: 'Room not found',
  roomExists: 'Room already exists',
  roomTypeInvalid: 'Invalid room type',
  forbidden: 'Access denied',
  adminRequired: 'Admin access required',
  connectionUnknown: 'Connection not found',
  roomDeleted: 'Room deleted successfully',
} as const

/** Error texts of uploads without a variable part, and the beginnings of those that have one. */
export const UPLOAD_TEXTS = {
  tooLarge: 'File too large. Maximum size: ',
  sizeInvalid: 'Invalid file size',
  typeRefused: 'File type not allowed',
  chunkTooLarge: 'Chunk too large',
  chunkInvalid: 'Invalid chunk data',
  unknown: 'Invalid file ID',
  missing: 'Missing chunks',
  mismatch: 'File size mismatch',
  checksum: 'Checksum verification failed',
  scan: 'File failed virus scan',
  unknownType: 'Unknown upload type',
  storage: 'Insufficient storage',
  failed: 'File upload error',
} as const
