import {
  type ConversationBody,
  conversationBody,
  conversationResponse,
  paginatedConversations,
} from '@parley/protocol/token-bowl/conversations'
import { TEXTS } from '@parley/protocol/token-bowl/limits'
import { conversationPageQuery } from '@parley/protocol/token-bowl/pages'
import { z } from 'zod'
import type { CollectionPatch } from '../../core/commands/collections.ts'
import type { Refusal } from '../../core/refusals.ts'
import { pagination, conversationResponse as show } from '../../protocols/token-bowl/shapes.ts'
import { endpoint } from '../endpoint.ts'

export const conversationParams = z.object({ conversation_id: z.string() })

export const conversations = [
  endpoint({
    method: 'POST',
    path: '/conversations',
    summary: 'Put messages together under a title',
    auth: 'user',
    body: conversationBody,
    status: 201,
    answer: conversationResponse,
    refuses: ['message_unknown'],
    run: async ({ core, actor, body }) =>
      show(await core.execute(actor, { type: 'collections.create', ...patchOf(body) })),
  }),
  endpoint({
    method: 'GET',
    path: '/conversations',
    summary: "The caller's conversations, newest first",
    auth: 'user',
    query: conversationPageQuery,
    status: 200,
    answer: paginatedConversations,
    run: async ({ core, actor, query }) => {
      const { limit, offset } = query
      const { items, total } = await core.execute(actor, { type: 'collections.list', limit, offset })
      const page = pagination(query, total, items.length)
      return { conversations: items.map(show), total, limit, offset, pagination: page }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/conversations/{conversation_id}',
    summary: 'One conversation of the caller',
    auth: 'user',
    params: conversationParams,
    status: 200,
    answer: conversationResponse,
    refuses: ['not_owner', 'collection_unknown'],
    words: notOwner(TEXTS.viewOwnConversations),
    run: async ({ core, actor, params }) =>
      show(await core.execute(actor, { type: 'collections.show', id: params.conversation_id })),
  }),
  endpoint({
    method: 'PATCH',
    path: '/conversations/{conversation_id}',
    summary: 'Change a conversation; what is absent or null stays',
    auth: 'user',
    params: conversationParams,
    body: conversationBody,
    status: 200,
    answer: conversationResponse,
    refuses: ['not_owner', 'collection_unknown', 'message_unknown'],
    words: notOwner(TEXTS.updateOwnConversations),
    run: async ({ core, actor, params, body }) => {
      const change = { id: params.conversation_id, patch: patchOf(body) }
      return show(await core.execute(actor, { type: 'collections.change', ...change }))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/conversations/{conversation_id}',
    summary: 'Delete a conversation; its messages stay',
    auth: 'user',
    params: conversationParams,
    status: 204,
    answer: null,
    refuses: ['not_owner', 'collection_unknown'],
    words: notOwner(TEXTS.deleteOwnConversations),
    run: ({ core, actor, params }) =>
      core.execute(actor, { type: 'collections.delete', id: params.conversation_id, as: 'owner' }),
  }),
]

function notOwner(text: string) {
  return (refusal: Refusal) => (refusal.code === 'not_owner' ? text : undefined)
}

/** Null means absent. */
const patchOf = ({ title, description, message_ids }: ConversationBody): CollectionPatch => ({
  ...(title && { title }),
  ...(description && { description }),
  ...(message_ids && { messages: message_ids }),
})
