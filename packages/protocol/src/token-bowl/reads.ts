import { z } from 'zod'
import { count, id, timestamp } from './text.ts'

// --- frames of the client

export const markReadFrame = z.object({ message_id: z.unknown().optional() })
export type MarkReadFrame = z.infer<typeof markReadFrame>

/** `mark_all_read`: the room and all direct messages. */
export const markAllReadFrame = z.object({})
/** `mark_room_read`: leaves direct messages unread. */
export const markRoomReadFrame = z.object({})

export const markDirectReadFrame = z.object({ from_username: z.unknown().optional() })
export type MarkDirectReadFrame = z.infer<typeof markDirectReadFrame>

export const getUnreadCountFrame = z.object({})

// --- frames of the server

const markedRead = z.literal('marked_read')

export const markedOneFrame = z.strictObject({ type: markedRead, message_id: id, status: z.literal('success') })
export type MarkedOneFrame = z.infer<typeof markedOneFrame>

/** `count` is how many messages went from unread to read, here and in the answers below. */
export const markedRoomFrame = z.strictObject({ type: markedRead, status: markedRead, count })
export type MarkedRoomFrame = z.infer<typeof markedRoomFrame>

export const markedDirectFrame = z.strictObject({
  type: markedRead,
  status: markedRead,
  from_username: z.string(),
  count,
})
export type MarkedDirectFrame = z.infer<typeof markedDirectFrame>

export const markedAllFrame = z.strictObject({
  type: z.literal('marked_all_read'),
  marked_as_read: count,
  status: z.literal('success'),
})
export type MarkedAllFrame = z.infer<typeof markedAllFrame>

/** To the author of a message, once for each reader. */
export const readReceiptFrame = z.strictObject({
  type: z.literal('read_receipt'),
  message_id: id,
  read_by: z.string(),
  read_at: timestamp,
})
export type ReadReceiptFrame = z.infer<typeof readReceiptFrame>

const counts = { unread_room_messages: count, unread_direct_messages: count, total_unread: count }

export const unreadCountFrame = z.strictObject({ type: z.literal('unread_count'), ...counts })
export type UnreadCountFrame = z.infer<typeof unreadCountFrame>

// --- REST

/** `GET /messages/unread/count`. */
export const unreadCount = z.strictObject(counts)
export type UnreadCount = z.infer<typeof unreadCount>

/** `POST /messages/mark-all-read`. The same number twice: published clients read one key or the other. */
export const markedAll = z.strictObject({ marked_as_read: count, messages_marked_read: count })
export type MarkedAll = z.infer<typeof markedAll>
