import { z } from 'zod'
import { count, text } from '../../text.ts'
import { frameDown, id, timestamp } from '../envelope.ts'
import { PARTICIPANTS_MAX, ROOM_NAME_MAX } from '../limits.ts'
import { joinedData } from '../rooms.ts'
import { durable, inRoom, limit, position, request, roomRequest } from './envelope.ts'
import { LIST_LIMIT_MAX, ROOMS_LIMIT_DEFAULT } from './limits.ts'
import { person } from './runs.ts'

/** When the assistant answers: every message, where it is mentioned or asked by a model field, or never. */
export const assistantRule = z.enum(['always', 'mention', 'off'])
export type AssistantRule = z.infer<typeof assistantRule>

/** What a room's owner sets. */
const settings = {
  room_name: z.string(),
  owner: id.nullable(),
  assistant: assistantRule,
  closed: z.boolean(),
}

const identity = {
  room_id: z.string(),
  ...inRoom,
  /** The lobby is `shared`. */
  room_type: z.enum(['private', 'shared', 'group', 'direct', 'conversation']),
  ...settings,
}

/** What a room is to everybody in it. */
export const roomIdentity = z.strictObject(identity)
export type RoomIdentity = z.infer<typeof roomIdentity>

const info = {
  ...identity,
  participants_count: count,
  created_at: timestamp,
  last_activity: timestamp,
  /** The heads of its log and of its messages, 0 before the first. */
  seq: position,
  ordinal: position,
  /** The reader sees messages after this one. */
  since_ordinal: position,
  read_to: position,
  unread: count,
  /** The conversation of all its messages; null where each names its own or has none. */
  conversation_id: z.int().nullable(),
  /** The other one in a direct room, oneself in a note to oneself. */
  peer: person.nullable(),
}

/** A room as one of its members sees it. */
export const roomInfo = z.strictObject(info)
export type RoomInfo = z.infer<typeof roomInfo>

// --- frames of the client

export const roomsFrame = request({
  offset: z
    .int()
    .nullish()
    .transform(wish => Math.max(wish ?? 0, 0)),
  limit: limit(ROOMS_LIMIT_DEFAULT),
})
export type RoomsFrame = z.output<typeof roomsFrame>

export const roomFrame = roomRequest({})
export type RoomFrame = z.output<typeof roomFrame>

/** By either. */
export const openDirectFrame = request({ user_id: id.nullish(), username: z.string().min(1).nullish() }).check(
  ({ value, issues }) => {
    if (value.data.user_id || value.data.username) return
    issues.push({ code: 'custom', message: 'user_id or username is required', path: ['data'], input: value })
  },
)
export type OpenDirectFrame = z.output<typeof openDirectFrame>

/** By the owner or an admin; what is left out stays. */
export const roomChanges = {
  assistant: assistantRule.nullish(),
  closed: z.boolean().nullish(),
  owner: id.nullish(),
}
export const roomName = text(1, ROOM_NAME_MAX)
export const changeRoomFrame = roomRequest({ name: roomName.nullish(), ...roomChanges })
export type ChangeRoomFrame = z.output<typeof changeRoomFrame>

// --- frames of the server

/** Newest activity first. */
export const roomList = z.strictObject({
  rooms: z.array(roomInfo).max(LIST_LIMIT_MAX),
  total: count,
  unread_total: count,
})
export const roomListFrame = frameDown('rooms', roomList)
export type RoomListFrame = z.infer<typeof roomListFrame>

/** The answer to `open_direct` and `change_room`. */
export const roomInfoFrame = frameDown('room', roomInfo)
export type RoomInfoFrame = z.infer<typeof roomInfoFrame>

/** The answer to `room`: `members` are the first 500, `typing_users` ids. */
export const roomDetailFrame = frameDown(
  'room',
  z.strictObject({ ...info, members: z.array(person).max(PARTICIPANTS_MAX), typing_users: z.array(id) }),
)
export type RoomDetailFrame = z.infer<typeof roomDetailFrame>

/** The answer to `join_room`; live from `seq` on. */
export const joinedFrame = frameDown('join_room', z.strictObject({ ...joinedData, ...inRoom, seq: position }))
export type JoinedFrame = z.infer<typeof joinedFrame>

/** Who left hears it once, and of the room nothing after it. */
export const memberFrame = frameDown(
  ['member_joined', 'member_left'],
  z.strictObject({ ...durable, user_id: id, username: z.string(), participants_count: count }),
)
export type MemberFrame = z.infer<typeof memberFrame>

export const roomChangedFrame = frameDown('room_changed', z.strictObject({ ...durable, ...settings }))
export type RoomChangedFrame = z.infer<typeof roomChangedFrame>

export const roomDeletedFrame = frameDown('room_deleted', z.strictObject(durable))
export type RoomDeletedFrame = z.infer<typeof roomDeletedFrame>

/** To one's own connections: a new room, live from `seq` on. */
export const roomAddedFrame = frameDown('room_added', z.strictObject({ ...identity, seq: position }))
export type RoomAddedFrame = z.infer<typeof roomAddedFrame>

export const fileAddedFrame = frameDown(
  'file_added',
  z.strictObject({
    ...durable,
    file_id: id,
    file_name: z.string(),
    /** Bytes. */
    file_size: count,
    mime_type: z.string(),
    /** SHA-256 in hex. */
    checksum: z.string(),
    file_url: z.string(),
    user_id: id,
    username: z.string(),
    timestamp,
  }),
)
export type FileAddedFrame = z.infer<typeof fileAddedFrame>
