import { z } from 'zod'
import { ERROR_TEXTS, type ErrorCode, SESSION_ID, TOOL_STATUSES } from './limits.ts'

/** ISO 8601, UTC, three digits of a second and `Z`. */
export const timestamp = z.iso.datetime({ precision: 3 })

const frame = <const T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), ...shape, timestamp })

const sessionId = z.string().regex(SESSION_ID)

/** The first frame of every connection. */
export const connectedFrame = frame('connection_established', {
  session_id: sessionId,
  /** `client_` and the session's id. */
  client_id: z.string(),
  /** Their keys. */
  available_agents: z.array(z.string()),
  server_info: z.strictObject({
    version: z.string(),
    supports_reconnection: z.literal(true),
    /** Longest content, in characters. */
    max_message_size: z.int().min(1),
  }),
})
export type ConnectedFrame = z.infer<typeof connectedFrame>

/** More of an answer: chunks after each other are its text. */
export const chunkFrame = frame('stream_chunk', {
  content: z.string(),
  /** Who says it. */
  agent: z.string(),
  /** From 1 in each answer, dense over all its agents. */
  chunk_id: z.int().min(1),
  /** Null while nobody knows. */
  total_chunks: z.int().min(1).nullable(),
})
export type ChunkFrame = z.infer<typeof chunkFrame>

/** Another agent goes on. `from_agent` said the chunk before. */
export const switchFrame = frame('agent_switch', {
  from_agent: z.string(),
  to_agent: z.string(),
  reason: z.string(),
})
export type SwitchFrame = z.infer<typeof switchFrame>

/** `progress` never falls, and is 1 when the tool is done. */
export const toolFrame = frame('tool_execution', {
  tool_name: z.string(),
  status: z.enum(TOOL_STATUSES),
  message: z.string(),
  progress: z.number().min(0).max(1),
})
export type ToolFrame = z.infer<typeof toolFrame>

/** The last frame of an answer that succeeded. */
export const completionFrame = frame('completion', {
  message: z.string(),
  results: z.looseObject({ agents_used: z.array(z.string()), model_used: z.string().optional() }),
})
export type CompletionFrame = z.infer<typeof completionFrame>

/** The last frame of an answer that failed, or a refusal: the code says which. The text comes under the three keys that clients read. */
export const errorFrame = frame('error', {
  error_code: z.enum(Object.keys(ERROR_TEXTS) as [ErrorCode, ...ErrorCode[]]), // the keys of that table
  message: z.string(),
  error: z.string(),
  content: z.string(),
  details: z.record(z.string(), z.unknown()),
}).refine(({ message, error, content }) => message === error && message === content)
export type ErrorFrame = z.infer<typeof errorFrame>

export const pongFrame = frame('pong', {})
export type PongFrame = z.infer<typeof pongFrame>

/** From now on. */
export const modelSwitchedFrame = frame('model_switched', {
  previous_model: z.string(),
  current_model: z.string(),
  message: z.string(),
})
export type ModelSwitchedFrame = z.infer<typeof modelSwitchedFrame>

const item = { content: z.string(), agent: z.string().nullable(), timestamp }

/** An answer under way: `chunk_id` is the last chunk that is in it, 0 before the first; the next one follows live. */
export const runningItem = z.strictObject({
  role: z.literal('assistant'),
  ...item,
  streaming: z.literal(true),
  chunk_id: z.int().min(0),
})

export const sessionItem = z.union([z.strictObject({ role: z.enum(['user', 'assistant']), ...item }), runningItem])
export type SessionItem = z.infer<typeof sessionItem>

/** Answers `session_restore`: everything said so far, oldest first. Only the last item may be running. */
export const restoredFrame = frame('session_restored', {
  session_id: sessionId,
  messages: z
    .array(sessionItem)
    .refine(items => items.slice(0, -1).every(one => !('streaming' in one)), 'only the last item may be running'),
  current_model: z.string(),
  current_agent: z.string().nullable(),
})
export type RestoredFrame = z.infer<typeof restoredFrame>

/** Ends the answer to `search`. */
export const streamEndFrame = frame('stream_end', { full_response: z.string() })
export type StreamEndFrame = z.infer<typeof streamEndFrame>

/** Every frame a server may emit. */
export const downFrame = z.union([
  connectedFrame,
  chunkFrame,
  switchFrame,
  toolFrame,
  completionFrame,
  errorFrame,
  pongFrame,
  modelSwitchedFrame,
  restoredFrame,
  streamEndFrame,
])
export type DownFrame = z.infer<typeof downFrame>
