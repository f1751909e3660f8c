/** Where clients connect; the last part is the session's id. */
export const PATH = '/ws/{session_id}'
export const SESSION_ID = /^[A-Za-z0-9_-]{1,50}$/
/** Ids that name another endpoint. */
export const RESERVED_IDS: readonly string[] = ['chat']
/** Shortest id that is a secret: what a guest needs where not only this machine is served. */
export const SECRET_ID_MIN = 22

/** Longest request, in Unicode code points. */
export const CONTENT_MAX = 10_000
/** Longest label of who asks, in Unicode code points. */
export const USER_ID_MAX = 200
/** Whether `Date` reads it: a text, or milliseconds since 1970. */
export const isTime = (value: unknown): boolean =>
  (typeof value === 'string' || typeof value === 'number') && !Number.isNaN(new Date(value).getTime())

/** A `message` that says so is a `ping`: the documented connection manager keeps connections alive with it. */
export const isPing = (content: unknown): boolean =>
  typeof content === 'string' && content.trim().toLowerCase() === 'ping'

/** Who asks where nobody says. */
export const ANONYMOUS = 'anonymous'
/** Most messages of one `batch`. */
export const BATCH_MAX = 100
/** Longest frame of a client, in bytes. */
export const MAX_FRAME_BYTES = 1_048_576
/** Messages in `RATE_WINDOW_MS`, of one session; pings don't count. */
export const RATE_MAX = 60
export const RATE_WINDOW_MS = 60_000
/** Messages of one session that wait for their turn. */
export const WAITING_MAX = 60
/** An agent without output for so long has failed. */
export const AGENT_TIMEOUT_MS = 30_000
/** Sessions are kept for so long after the last activity, at least. */
export const SESSION_KEPT_MS = 3_600_000

/** Listed and taken always, whatever answers. */
export const STANDARD_MODEL = 'gemini-2.0-flash-exp'

/** Every agent of the team: by its key in `available_agents` what frames call it. */
export const AGENTS = {
  orchestrator: 'OrchestratorAgent',
  plot_generator: 'PlotGeneratorAgent',
  author_generator: 'AuthorGeneratorAgent',
  world_building: 'WorldBuildingAgent',
  characters: 'CharactersAgent',
  critique: 'CritiqueAgent',
  enhancement: 'EnhancementAgent',
  scoring: 'ScoringAgent',
  loregen: 'LoreGenAgent',
} as const
export const TOOLS = ['save_plot', 'save_author', 'save_world_building', 'save_characters'] as const
/** `waiting`: for the approval of whoever asked; ours. */
export const TOOL_STATUSES = ['executing', 'waiting', 'completed', 'failed'] as const

/**
 * Every `error_code` with its `message`, or what that begins with where it ends in a blank; the rest says what of. The
 * connection stays open.
 */
export const ERROR_TEXTS = {
  AGENT_TIMEOUT: 'Agent processing timed out after ',
  AGENT_ERROR: 'Failed to process message: ',
  /** Ours: the server went down in the middle. What was said by then stays. */
  RUN_INTERRUPTED: 'The answer was interrupted',
  INVALID_JSON: 'Invalid JSON format',
  MISSING_FIELD: 'Missing required field: ',
  INVALID_MESSAGE_TYPE: 'Invalid message type: ',
  EMPTY_CONTENT: 'Text cannot be empty',
  CONTENT_TOO_LONG: 'Message content too long',
  INVALID_TIMESTAMP: 'Invalid timestamp format',
  INVALID_USER_ID: `User ID must be a text of 1 to ${USER_ID_MAX} characters`,
  RATE_LIMIT_EXCEEDED: 'Rate limit exceeded',
  MODEL_NOT_FOUND: 'Model not found: ',
  SESSION_BUSY: 'Too many messages wait in this session',
} as const
export type ErrorCode = keyof typeof ERROR_TEXTS

/** Codes that end an answer. All others refuse what was sent, and an answer under way goes on. */
export const ANSWER_ERRORS: readonly ErrorCode[] = ['AGENT_TIMEOUT', 'AGENT_ERROR', 'RUN_INTERRUPTED']

/** Codes and reasons with which the server ends a connection. */
export const CLOSE = {
  idle: [1001, 'Session expired'],
  shutdown: [1001, 'Server is restarting'],
  broken: [1011, 'Internal server error'],
} as const

export { codePoints } from '../code-points.ts'
