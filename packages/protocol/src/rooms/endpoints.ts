import { z } from 'zod'
import { count, text } from '../text.ts'
import { id, timestamp } from './envelope.ts'
import { ROOM_ID_MAX, ROOM_NAME_MAX } from './limits.ts'
import { roomType } from './rooms.ts'

const counts = {
  /** Of all protocols, like everything here. */
  active_connections: count,
  /** Users with a connection. */
  total_users: count,
  /** Rooms that some connection is shown. */
  active_rooms: count,
  /** Connections that read too slowly and have messages waiting for them. */
  queued_messages: count,
  /** How many people and agents are composing, each in each room. */
  typing_indicators: count,
}

/** `GET /api/v1/ws/stats`. */
export const stats = z.strictObject(counts)
export type Stats = z.infer<typeof stats>

/** `websocket` of `GET /health`. */
export const socketHealth = z.strictObject({ status: z.enum(['up', 'down']), ...counts })
export type SocketHealth = z.infer<typeof socketHealth>

/** `POST /api/v1/ws/rooms`. The server makes an id where there is none; a type that there is not gets a text of its own. */
export const createRoomBody = z.object({
  room_id: text(1, ROOM_ID_MAX).nullish(),
  room_name: text(1, ROOM_NAME_MAX).nullish(),
  room_type: z.string().nullish(),
})
export type CreateRoomBody = z.infer<typeof createRoomBody>

export const roomCreated = z.strictObject({
  room_id: z.string(),
  room_name: z.string(),
  room_type: roomType,
  creator: id,
  created_at: timestamp,
})
export type RoomCreated = z.infer<typeof roomCreated>

/** `GET /api/v1/ws/rooms/{room_id}`. */
export const roomShown = z.strictObject({
  room_id: z.string(),
  name: z.string(),
  room_type: roomType,
  /** Ids of users; the first 500 of a crowd. */
  participants: z.array(id),
  participants_count: count,
  created_at: timestamp,
  last_activity: timestamp,
  typing_users: z.array(id),
})
export type RoomShown = z.infer<typeof roomShown>

const connection = {
  connection_id: id,
  status: z.literal('connected'),
  /** Room ids. */
  rooms: z.array(z.string()),
  last_activity: timestamp,
  metadata: z.strictObject({
    user_agent: z.string().nullable(),
    ip_address: z.string().nullable(),
    username: z.string(),
  }),
}

/** `GET /api/v1/ws/connections/{connection_id}`. */
export const connectionShown = z.strictObject({
  ...connection,
  user_id: id,
  /** `window` is in seconds; `reset_at` is when the oldest frame that counts leaves it. Null where frames are not counted. */
  rate_limit: z.strictObject({ limit: count, window: count, remaining: count, reset_at: timestamp }).nullable(),
})
export type ConnectionShown = z.infer<typeof connectionShown>

/** `GET /api/v1/ws/user/{user_id}/connections`. */
export const userConnections = z.strictObject({ connections: z.array(z.strictObject(connection)) })
export type UserConnections = z.infer<typeof userConnections>
