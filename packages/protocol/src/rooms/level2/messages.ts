import { z } from 'zod'
import { chatData } from '../chat.ts'
import { deliveredData } from '../delivery.ts'
import { frameDown, frameUp, id, timestamp } from '../envelope.ts'
import { durable, inRoom, limit, place, position, requestId, roomRequest } from './envelope.ts'
import { LIST_LIMIT_MAX, MESSAGES_LIMIT_DEFAULT, RECEIPT_MAX } from './limits.ts'
import { runInfo } from './runs.ts'

/** What a message is, without its places. */
const content = {
  id,
  /** Server-wide. */
  number: z.int(),
  /** Place among the room's messages, from 1, dense. */
  ordinal: place,
  role: z.enum(['user', 'assistant']),
  user_id: id,
  username: z.string(),
  content: z.string(),
  /** What its sender called it. */
  client_id: z.string().nullable(),
  reply_to: id.nullable(),
  conversation_id: z.int().nullable(),
  timestamp,
  edited_at: timestamp.nullable(),
  /** The run whose text it is. */
  run: runInfo.nullable(),
}

/** A message as `history` has it. `seq` is its place in the room's log. */
export const message = z.strictObject({ ...content, seq: place })
export type Message = z.infer<typeof message>

// --- frames of the client

/** Without `room_id` it goes to a conversation without a room: a new one, unless `conversation_id` names one. */
export const chatFrame = frameUp({ ...chatData, reply_to: id.nullish() }).extend({ message_id: requestId })
export type ChatFrame = z.output<typeof chatFrame>

const side = position.nullish()

/** Which part of a room's messages: of the three at most one, the newest without any. */
export const messagesPage = {
  before: side,
  after: side,
  around: side,
  limit: limit(MESSAGES_LIMIT_DEFAULT),
}

export const historyFrame = roomRequest({ ...messagesPage, conversation_id: z.int().nullish() }).check(
  ({ value, issues }) => {
    const { before, after, around } = value.data
    if ([before, after, around].filter(one => typeof one === 'number').length > 1)
      issues.push({ code: 'custom', message: 'Only one of before, after and around', path: ['data'], input: value })
  },
)
export type HistoryFrame = z.output<typeof historyFrame>

/** Without `up_to`: everything. */
export const readToFrame = roomRequest({ up_to: position.nullish() })
export type ReadToFrame = z.output<typeof readToFrame>

// --- frames of the server

/** A new message, to everybody in the room, whoever sent it included. The envelope's `message_id` is its `client_id`. */
export const sentFrame = frameDown('chat', z.strictObject({ ...durable, ...content }))
export type SentFrame = z.infer<typeof sentFrame>

/** `seq` is the place of the edit, `message_seq` that of the message. */
export const editedFrame = frameDown('message_edited', z.strictObject({ ...durable, message_seq: place, ...content }))
export type EditedFrame = z.infer<typeof editedFrame>

export const deletedFrame = frameDown('message_deleted', z.strictObject({ ...durable, id, ordinal: place }))
export type DeletedFrame = z.infer<typeof deletedFrame>

/** The answer to `chat`: the message is durable. `repeated`: it was there already, and this is the first one. */
export const deliveredFrame = frameDown(
  'delivery_confirmation',
  z.strictObject({
    ...deliveredData,
    number: z.int(),
    ...durable,
    ordinal: place,
    conversation_id: z.int().nullable(),
    repeated: z.boolean(),
  }),
)
export type DeliveredFrame = z.infer<typeof deliveredFrame>

/** The answer to `history`, ascending. */
export const historyData = z.strictObject({
  ...inRoom,
  messages: z.array(message).max(LIST_LIMIT_MAX),
  more_before: z.boolean(),
  more_after: z.boolean(),
})
export const historyPageFrame = frameDown('history', historyData)
export type HistoryPageFrame = z.infer<typeof historyPageFrame>

/** To authors: somebody has read up to that ordinal. `message_ids` are the newest of theirs that it makes read. */
export const readFrame = frameDown(
  'read_receipt',
  z.strictObject({
    ...inRoom,
    user_id: id,
    username: z.string(),
    up_to: position,
    message_ids: z.array(id).max(RECEIPT_MAX),
  }),
)
export type ReadFrame = z.infer<typeof readFrame>

/** To all one's own connections, and the answer to `read_to`. */
export const readStateFrame = frameDown(
  'read_state',
  z.strictObject({ ...inRoom, read_to: position, unread: position }),
)
export type ReadStateFrame = z.infer<typeof readStateFrame>
