import { z } from 'zod'
import { CODES } from './codes.ts'
import { frameDown, id, timestamp } from './envelope.ts'
import { ROOM_TYPES } from './limits.ts'

/** The query of an upgrade. `room_id` joins that room right after connecting; `v=2` asks for level 2. */
export const connectQuery = z.object({
  token: z.string().optional(),
  room_id: z.string().optional(),
  room_type: z.string().optional().default(ROOM_TYPES[0]),
  room_name: z.string().optional(),
  v: z.string().optional(),
})
export type ConnectQuery = z.output<typeof connectQuery>

export const connectData = {
  connection_id: id,
  status: z.literal('connected'),
  server_time: timestamp,
}

/** The first frame of every connection. */
export const connectFrame = frameDown('connect', z.strictObject(connectData))
export type ConnectFrame = z.infer<typeof connectFrame>

/** To every connection, now and then. No answer expected. */
export const heartbeatFrame = frameDown(
  'system',
  z.strictObject({ heartbeat: z.literal(true), server_time: timestamp }),
)
export type HeartbeatFrame = z.infer<typeof heartbeatFrame>

/** The connection stays open. `message_id` is that of the frame it answers; `retry_after` is in seconds. */
export const errorFrame = frameDown(
  'error',
  z.strictObject({ error: z.string(), code: z.enum(CODES), retry_after: z.int().min(1).optional() }),
)
export type ErrorFrame = z.infer<typeof errorFrame>
