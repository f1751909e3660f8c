import { z } from 'zod'
import { text } from '../../text.ts'
import { frameDown, id } from '../envelope.ts'
import { typedData } from '../typing.ts'
import { request } from './envelope.ts'
import { STATUS_TEXT_MAX, WHO_MAX } from './limits.ts'

// --- frames of the client

/** How one wants to be seen. Without `text` there is none. */
export const presenceFrame = request({
  status: z.enum(['online', 'away']),
  text: text(0, STATUS_TEXT_MAX).nullish(),
})
export type PresenceFrame = z.output<typeof presenceFrame>

export const whoFrame = request({ user_ids: z.array(id).max(WHO_MAX) })
export type WhoFrame = z.output<typeof whoFrame>

export const pingFrame = request({})

// --- frames of the server

const state = { status: z.enum(['online', 'away', 'offline']), text: z.string().nullable() }

/** Of people in one's rooms; also the answer to `presence`. */
export const presentFrame = frameDown('presence', z.strictObject({ user_id: id, username: z.string(), ...state }))
export type PresentFrame = z.infer<typeof presentFrame>

export const whoAnswerFrame = frameDown(
  'who',
  z.strictObject({ users: z.array(z.strictObject({ user_id: id, ...state })).max(WHO_MAX) }),
)
export type WhoAnswerFrame = z.infer<typeof whoAnswerFrame>

/** `room` is null for a direct room that is not made yet. */
export const typedFrame = frameDown('typing', z.strictObject({ ...typedData, room: id.nullable() }))
export type TypedFrame = z.infer<typeof typedFrame>

export const pongFrame = frameDown('pong', z.strictObject({}))
export type PongFrame = z.infer<typeof pongFrame>
