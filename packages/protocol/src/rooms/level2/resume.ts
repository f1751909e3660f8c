import { z } from 'zod'
import { connectData } from '../connection.ts'
import { frameDown, id } from '../envelope.ts'
import { durable, position, request } from './envelope.ts'
import { RESUME_ROOMS_MAX, RESUME_RUNS_MAX } from './limits.ts'

/** The first frame of every connection. Nothing else is pushed before the first `resume`. */
export const connectFrame = frameDown(
  'connect',
  z.strictObject({
    ...connectData,
    level: z.literal(2),
    user_id: id,
    username: z.string(),
    role: z.enum(['admin', 'member', 'viewer', 'bot']),
    resume: z.literal(true),
  }),
)
export type ConnectFrame = z.infer<typeof connectFrame>

// --- the frame of the client

/** What the client has: the last place of each room and run. Whatever is not named is live from now on. */
export const resumeFrame = request({
  rooms: z
    .array(z.object({ room: id, seq: position }))
    .max(RESUME_ROOMS_MAX)
    .nullish(),
  runs: z
    .array(z.object({ run_id: id, n: position }))
    .max(RESUME_RUNS_MAX)
    .nullish(),
})
export type ResumeFrame = z.output<typeof resumeFrame>

// --- frames of the server

/**
 * After everything that was missed; live from here on. `reset`: nothing was replayed, since the cursor is of another
 * database, of a room that is no longer yours, beyond the head or too far behind. `seq` and `n` are the heads, 0 of what
 * is not there.
 */
export const resumedFrame = frameDown(
  'resumed',
  z.strictObject({
    rooms: z.array(z.strictObject({ room: id, room_id: z.string().nullable(), seq: position, reset: z.boolean() })),
    runs: z.array(z.strictObject({ run_id: id, n: position, reset: z.boolean() })),
  }),
)
export type ResumedFrame = z.infer<typeof resumedFrame>

/** What was here is erased; only its place is left. */
export const goneFrame = frameDown('gone', z.strictObject(durable))
export type GoneFrame = z.infer<typeof goneFrame>
