import { z } from 'zod'
import { AUTH_TYPES, TEXTS } from './limits.ts'

/** ISO 8601, UTC, three digits of a second and `Z`. */
export const timestamp = z.iso.datetime({ precision: 3 })

const frame = <const T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), ...shape, timestamp })

/** The first frame of every connection. */
export const connectedFrame = frame('connection_established', {
  session_id: z.guid(),
  message: z.literal(TEXTS.connected),
})
export type ConnectedFrame = z.infer<typeof connectedFrame>

/** An answer is being made. */
export const typingFrame = frame('typing', { message: z.string() })
export type TypingFrame = z.infer<typeof typingFrame>

export const toolCall = z.strictObject({
  id: z.string(),
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()),
})
export type ToolCall = z.infer<typeof toolCall>

export const toolResult = z.union([
  z.strictObject({ tool_call_id: z.string(), name: z.string(), result: z.unknown() }),
  z.strictObject({ tool_call_id: z.string(), name: z.string(), error: z.string() }),
])
export type ToolResult = z.infer<typeof toolResult>

/** What is known of how an answer was made. */
export const metadata = z.strictObject({
  model: z.string().optional(),
  /** Null where nobody knows. */
  usage: z.strictObject({ total_tokens: z.int().min(0).nullable(), cost_usd: z.number().nullable() }).optional(),
  stop_reason: z.string().optional(),
  /** How often tools were used, and in how many rounds; where any were. */
  tool_call_rounds: z.int().min(1).optional(),
  total_tool_calls: z.int().min(1).optional(),
  /** Of a question: `websocket`. */
  source: z.string().optional(),
})
export type Metadata = z.infer<typeof metadata>

/** An answer, one for each question. */
export const answerFrame = frame('ai_response', {
  message: z.string(),
  tool_calls: z.array(toolCall),
  tool_results: z.array(toolResult),
  metadata,
})
export type AnswerFrame = z.infer<typeof answerFrame>

/** In place of an answer: there is none. `message` says so to people. */
export const failedAnswerFrame = frame('ai_response', { message: z.string(), error: z.literal(true), metadata })
export type FailedAnswerFrame = z.infer<typeof failedAnswerFrame>

export const authConfiguredFrame = frame('auth_configured', { auth_type: z.enum(AUTH_TYPES), message: z.string() })
export type AuthConfiguredFrame = z.infer<typeof authConfiguredFrame>

/** The credentials were looked at and are no good. */
export const authFailedFrame = frame('auth_failed', { auth_type: z.enum(AUTH_TYPES), message: z.string() })
export type AuthFailedFrame = z.infer<typeof authFailedFrame>

/** The last of the two frames that answer `auth`. */
export const authResponseFrame = frame('auth_response', { success: z.boolean(), message: z.string() })
export type AuthResponseFrame = z.infer<typeof authResponseFrame>

export const historyItem = z.strictObject({
  role: z.enum(['user', 'assistant', 'system', 'tool']),
  content: z.string(),
  timestamp,
  tool_calls: z.array(toolCall).nullable(),
  tool_results: z.array(toolResult).nullable(),
  metadata,
})
export type HistoryItem = z.infer<typeof historyItem>

/** The latest messages since the last `clear`, oldest first. */
export const historyFrame = frame('history', { messages: z.array(historyItem) })
export type HistoryFrame = z.infer<typeof historyFrame>

export const clearedFrame = frame('history_cleared', { message: z.literal(TEXTS.cleared) })
export type ClearedFrame = z.infer<typeof clearedFrame>

export const pongFrame = frame('pong', {})
export type PongFrame = z.infer<typeof pongFrame>

export const loggedOutFrame = frame('logout_success', { message: z.literal(TEXTS.loggedOut) })
export type LoggedOutFrame = z.infer<typeof loggedOutFrame>

/** The connection stays open. */
export const errorFrame = frame('error', { message: z.string() })
export type ErrorFrame = z.infer<typeof errorFrame>

/** Every frame a server may emit. */
export const downFrame = z.union([
  connectedFrame,
  typingFrame,
  answerFrame,
  failedAnswerFrame,
  authConfiguredFrame,
  authFailedFrame,
  authResponseFrame,
  historyFrame,
  clearedFrame,
  pongFrame,
  loggedOutFrame,
  errorFrame,
])
export type DownFrame = z.infer<typeof downFrame>
