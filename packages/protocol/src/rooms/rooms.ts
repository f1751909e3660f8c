import { z } from 'zod'
import { count } from '../text.ts'
import { frameDown, frameUp, timestamp } from './envelope.ts'
import { PARTICIPANTS_MAX, ROOM_TYPES } from './limits.ts'

export const roomType = z.enum(ROOM_TYPES)
export type RoomType = z.infer<typeof roomType>

// --- frames of the client

/** The room is made where there is none; then `room_name` and `room_type` count. A type that there is not is refused like a room. */
export const joinRoomFrame = frameUp({
  room_id: z.string().nullish(),
  room_name: z.string().nullish(),
  room_type: z.string().nullish(),
})
export type JoinRoomFrame = z.output<typeof joinRoomFrame>

export const leaveRoomFrame = frameUp({ room_id: z.string().nullish() })
export type LeaveRoomFrame = z.output<typeof leaveRoomFrame>

// --- frames of the server

export const joinedData = {
  room_id: z.string(),
  room_name: z.string(),
  room_type: roomType,
  /** Ids of users, whoever joined included; the first 500 of a crowd. */
  participants: z.array(z.string()).max(PARTICIPANTS_MAX),
  participants_count: count,
  joined_at: timestamp,
}

/** To the connection that joined. */
export const joinedFrame = frameDown('join_room', z.strictObject(joinedData))
export type JoinedFrame = z.infer<typeof joinedFrame>

/** To the connection that left. */
export const leftFrame = frameDown('leave_room', z.strictObject({ room_id: z.string(), left_at: timestamp }))
export type LeftFrame = z.infer<typeof leftFrame>

/** To the others in the room. */
export const membershipFrame = frameDown(
  'system',
  z.strictObject({
    action: z.enum(['user_joined', 'user_left']),
    user_id: z.string(),
    room_id: z.string(),
    participants_count: count,
  }),
)
export type MembershipFrame = z.infer<typeof membershipFrame>

/** Before the queued frames, where more waited than are kept: how many of the room are not sent. */
export const missedFrame = frameDown(
  'system',
  z.strictObject({ action: z.literal('missed'), room_id: z.string(), count: z.int().min(1) }),
)
export type MissedFrame = z.infer<typeof missedFrame>
