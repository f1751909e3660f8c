/** Where clients connect. */
export const PATHS = ['/ws/chat', '/bedrock-chat/ws', '/chat/ws'] as const

/** Longest question, in Unicode code points. */
export const QUESTION_MAX = 100_000
/** Longest frame of a client, in bytes. */
export const MAX_FRAME_BYTES = 1_048_576
/** Most bytes of JSON that the tools of one frame take; what is more is shown by its beginning. */
export const TOOLS_MAX_BYTES = 16 * 1_048_576
/** Messages that `history` shows at the most. */
export const HISTORY_MAX = 50

export const AUTH_TYPES = ['bearer_token', 'api_key', 'basic_auth', 'oauth2', 'custom'] as const
/** Another name of `oauth2`. */
export const OAUTH2_ALIAS = 'oauth2_client_credentials'
/** The header of an API key that names none. */
export const API_KEY_HEADER = 'X-API-Key'

/** Fixed texts of frames. */
export const TEXTS = {
  connected: 'Connected to AI assistant',
  thinking: 'AI is thinking...',
  working: 'Working on your request...',
  cleared: 'Conversation history cleared',
  loggedOut: 'Successfully logged out',
  authenticated: 'Authentication successful',
  authFailed: 'Authentication failed',
  authRequired: 'Authentication is required before sending messages. Please authenticate first.',
  tokenRequired: 'Bearer token required',
  passwordRequired: 'Username and password required for basic auth',
  keyRequired: 'API key required',
  oauth2Incomplete: 'client_id, client_secret, and token_url required for OAuth2',
  headerRefused: 'Header name not allowed',
  invalid: 'Invalid message format',
  empty: 'Empty message',
  tooLong: 'Message too long',
  tooFast: 'Rate limit exceeded',
} as const

/** What these texts begin with; the rest says what of. */
export const PREFIXES = {
  notJson: 'Invalid message format: Invalid JSON: ',
  unknownType: 'Unknown message type: ',
  unknownAuthType: 'Unknown auth type: ',
  configured: 'Authentication configured: ',
  failed: 'Message processing error: ',
} as const

/** Codes and reasons with which the server ends a connection. */
export const CLOSE = {
  idle: [1001, 'Session expired'],
  shutdown: [1001, 'Server is restarting'],
  unproved: [4401, 'Authentication required'],
} as const
