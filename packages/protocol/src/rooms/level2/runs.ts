import { z } from 'zod'
import { count } from '../../text.ts'
import { frameDown, id, timestamp } from '../envelope.ts'
import { durable, inRoom, place, request } from './envelope.ts'

export const person = z.strictObject({ user_id: id, username: z.string() })
export type Person = z.infer<typeof person>

/** How a run ended. `interrupted`: the server went down in the middle. */
export const runEnd = z.enum(['completed', 'cancelled', 'failed', 'interrupted'])
export type RunEnd = z.infer<typeof runEnd>

/** `waiting`: for the asker's approval, after which another run carries it out. */
export const toolState = z.enum(['started', 'progress', 'waiting', 'completed', 'failed'])
export type ToolState = z.infer<typeof toolState>

/** `continue`: from where its text stops. `regenerate`: from the beginning. */
export const runOrigin = z.strictObject({ run_id: id, how: z.enum(['continue', 'regenerate']) })
export type RunOrigin = z.infer<typeof runOrigin>

const run = {
  run_id: id,
  agent: person,
  /** Who is answered. */
  asker: person,
  /** The message that is answered. */
  question: id,
  conversation_id: z.int().nullable(),
  /** The ended run whose question is answered once more, and how; null for the run that began with its question. */
  origin: runOrigin.nullable(),
  state: z.enum(['running', ...runEnd.options]),
  /** What answered. Null, like the two after it, where nobody knows. */
  model: z.string().nullable(),
  tokens: count.nullable(),
  cost_usd: z.number().nullable(),
  /** Why it failed, in words for people. */
  error: z.string().nullable(),
  started_at: timestamp,
  ended_at: timestamp.nullable(),
}

/** An agent's answer being produced, or produced. */
export const runInfo = z.strictObject(run)
export type RunInfo = z.infer<typeof runInfo>

// --- the frames of the client, by the asker, the owner of the room, or an admin

export const cancelRunFrame = request({ run_id: id })
export type CancelRunFrame = z.output<typeof cancelRunFrame>

/** With the same `message_id` again it is answered with the run that the first one started. */
export const continueRunFrame = request({ run_id: id })
export type ContinueRunFrame = z.output<typeof continueRunFrame>

/** As above. */
export const regenerateRunFrame = request({ run_id: id })
export type RegenerateRunFrame = z.output<typeof regenerateRunFrame>

// --- frames of the server

export const runStartedFrame = frameDown('run_started', z.strictObject({ ...durable, ...run }))
export type RunStartedFrame = z.infer<typeof runStartedFrame>

/** The end of a run without text; one with text ends in a `chat` that carries it. */
export const runEndedFrame = frameDown('run_ended', z.strictObject({ ...durable, ...run }))
export type RunEndedFrame = z.infer<typeof runEndedFrame>

/** Of every step: `n` is its place in the run's own log, from 1, dense. */
const step = { ...inRoom, run_id: id, n: place }

/** Which agent of a team says it, by the name people see. Only where a team answers. */
export const speaker = z.string().optional()

/** What agents of a team made or found, by names of their own. Only where there is something. */
export const results = z.record(z.string(), z.unknown()).optional()

/** `text` goes on where the one before ended. */
export const runTextFrame = frameDown('run_text', z.strictObject({ ...step, text: z.string(), by: speaker }))
export type RunTextFrame = z.infer<typeof runTextFrame>

/** Another agent of a team goes on. */
export const runSwitchFrame = frameDown(
  'run_switch',
  z.strictObject({ ...step, from: z.string(), to: z.string(), reason: z.string() }),
)
export type RunSwitchFrame = z.infer<typeof runSwitchFrame>

export const runToolFrame = frameDown(
  'run_tool',
  z.strictObject({
    ...step,
    call: z.string(),
    name: z.string(),
    state: toolState,
    /** Arguments, progress or result; null where it is the asker's alone. */
    detail: z.unknown(),
  }),
)
export type RunToolFrame = z.infer<typeof runToolFrame>

/** The last step. What became of the text comes in the room's own log. */
export const runEndFrame = frameDown('run_end', z.strictObject({ ...step, state: runEnd, results }))
export type RunEndFrame = z.infer<typeof runEndFrame>

/** The answer to `cancel_run`. */
export const runCancelled = z.strictObject({ run_id: id })
export const runCancelledFrame = frameDown('run_cancelled', runCancelled)
export type RunCancelledFrame = z.infer<typeof runCancelledFrame>

/** The run that answers once more. `repeated`: an earlier request with the same id had started it. */
export const runAgain = z.strictObject({ run_id: id, room: id, repeated: z.boolean() })
export type RunAgain = z.infer<typeof runAgain>
/** The answer to `continue_run` and `regenerate_run`. */
export const runAgainFrame = frameDown('run_again', runAgain)
export type RunAgainFrame = z.infer<typeof runAgainFrame>
