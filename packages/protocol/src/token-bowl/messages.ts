import { z } from 'zod'
import { CONTENT_MAX, USERNAME_MAX } from './limits.ts'
import { framePage, pageQuery, pagination } from './pages.ts'
import { id, text, timestamp } from './text.ts'

/** A message wherever one is shown. All keys are always there; as a pushed frame it has no `type`. */
export const messageResponse = z.strictObject({
  id,
  from_user_id: id,
  from_username: z.string(),
  from_user_logo: z.string().nullable(),
  from_user_emoji: z.string().nullable(),
  from_user_bot: z.boolean(),
  /** Null for room messages. */
  to_user_id: z.string().nullable(),
  /** Null for room messages. */
  to_username: z.string().nullable(),
  content: z.string(),
  message_type: z.enum(['room', 'direct', 'system']),
  /** Free text for language models. */
  description: z.string(),
  timestamp,
})
export type MessageResponse = z.infer<typeof messageResponse>

export const paginatedMessages = z.strictObject({ messages: z.array(messageResponse), pagination })
export type PaginatedMessages = z.infer<typeof paginatedMessages>

// --- frames of the client. What is `unknown` is answered with a text of its own, which the server picks.

/** `{content, to_username?}`, with or without `type: "message"`. */
export const chatFrame = z.object({ content: z.unknown().optional(), to_username: z.unknown().optional() })
export type ChatFrame = z.infer<typeof chatFrame>

export const historyFrame = z.object({ ...framePage(), since: z.unknown().optional() })
export type HistoryFrame = z.output<typeof historyFrame>

export const unreadMessagesFrame = z.object(framePage())
export type UnreadMessagesFrame = z.output<typeof unreadMessagesFrame>

export const deleteMessageFrame = z.object({ message_id: z.unknown().optional() })
export type DeleteMessageFrame = z.infer<typeof deleteMessageFrame>

// --- frames of the server

export const messageSentFrame = z.strictObject({
  type: z.literal('message_sent'),
  status: z.literal('sent'),
  message: messageResponse,
})
export type MessageSentFrame = z.infer<typeof messageSentFrame>

export const messagesFrame = z.strictObject({
  type: z.enum(['messages', 'direct_messages']),
  messages: z.array(messageResponse),
  pagination,
})
export type MessagesFrame = z.infer<typeof messagesFrame>

export const unreadListFrame = z.strictObject({
  type: z.enum(['unread_messages', 'unread_direct_messages']),
  messages: z.array(messageResponse),
})
export type UnreadListFrame = z.infer<typeof unreadListFrame>

export const messageDeletedFrame = z.strictObject({ type: z.literal('message_deleted'), message_id: id })
export type MessageDeletedFrame = z.infer<typeof messageDeletedFrame>

// --- REST

/** `POST /messages`. */
export const messageBody = z.object({ content: text(1, CONTENT_MAX), to_username: text(1, USERNAME_MAX).nullish() })
export type MessageBody = z.infer<typeof messageBody>

/** `GET /messages` and `GET /messages/direct`. A `since` that is no time is answered with 400, so it is read later. */
export const historyQuery = pageQuery.extend({ since: z.string().optional() })
export type HistoryQuery = z.output<typeof historyQuery>

/** `POST /admin/announcements` and `PATCH /admin/messages/{id}`. */
export const contentBody = z.object({ content: text(1, CONTENT_MAX) })
export type ContentBody = z.infer<typeof contentBody>

/** `GET /messages/unread` and `GET /messages/direct/unread`, oldest first. */
export const unreadList = z.array(messageResponse)
export type UnreadList = z.infer<typeof unreadList>

/** `GET /messages/{id}/receipts`. */
export const receipts = z.array(z.strictObject({ username: z.string(), read_at: timestamp }))
export type Receipts = z.infer<typeof receipts>
