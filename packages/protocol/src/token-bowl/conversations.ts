import { z } from 'zod'
import { CONVERSATION_LIMIT_MAX, CONVERSATION_MESSAGES_MAX, TITLE_MAX } from './limits.ts'
import { framePage, pagination } from './pages.ts'
import { count, id, text, timestamp } from './text.ts'

export const conversationResponse = z.strictObject({
  id,
  title: z.string().nullable(),
  description: z.string().nullable(),
  message_ids: z.array(id),
  created_by_username: z.string(),
  created_at: timestamp,
})
export type ConversationResponse = z.infer<typeof conversationResponse>

const titled = {
  title: text(1, TITLE_MAX).nullish(),
  description: text(1, Number.POSITIVE_INFINITY).nullish(),
}

// --- frames of the client

// Ids are looked at by the server: one that is none gets a text of its own.
const contents = { ...titled, message_ids: z.array(z.unknown()).max(CONVERSATION_MESSAGES_MAX).nullish() }
const conversation = { conversation_id: z.unknown().optional() }

export const createConversationFrame = z.object(contents)
export type CreateConversationFrame = z.infer<typeof createConversationFrame>

export const getConversationsFrame = z.object(framePage(CONVERSATION_LIMIT_MAX))
export type GetConversationsFrame = z.output<typeof getConversationsFrame>

export const getConversationFrame = z.object(conversation)
export type GetConversationFrame = z.infer<typeof getConversationFrame>

export const updateConversationFrame = z.object({ ...conversation, ...contents })
export type UpdateConversationFrame = z.infer<typeof updateConversationFrame>

export const deleteConversationFrame = z.object(conversation)
export type DeleteConversationFrame = z.infer<typeof deleteConversationFrame>

// --- frames of the server

export const conversationFrame = z.strictObject({
  type: z.enum(['conversation_created', 'conversation', 'conversation_updated']),
  conversation: conversationResponse,
})
export type ConversationFrame = z.infer<typeof conversationFrame>

export const conversationsFrame = z.strictObject({
  type: z.literal('conversations'),
  conversations: z.array(conversationResponse),
  pagination,
})
export type ConversationsFrame = z.infer<typeof conversationsFrame>

export const conversationDeletedFrame = z.strictObject({ type: z.literal('conversation_deleted'), conversation_id: id })
export type ConversationDeletedFrame = z.infer<typeof conversationDeletedFrame>

// --- REST

/** `POST /conversations` and `PATCH /conversations/{id}`. */
export const conversationBody = z.object({
  ...titled,
  message_ids: z.array(z.guid()).max(CONVERSATION_MESSAGES_MAX).nullish(),
})
export type ConversationBody = z.infer<typeof conversationBody>

/** `GET /conversations`. The numbers twice: published clients read one place or the other. */
export const paginatedConversations = z.strictObject({
  conversations: z.array(conversationResponse),
  total: count,
  limit: count,
  offset: count,
  pagination,
})
export type PaginatedConversations = z.infer<typeof paginatedConversations>
