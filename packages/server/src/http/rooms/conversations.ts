import { done } from '@parley/protocol/rooms/accounts'
import {
  type ConversationShown,
  conversationShown,
  messagesQuery,
  conversations as page,
  pageQuery,
  titleBody,
} from '@parley/protocol/rooms/level2/endpoints'
import { historyData } from '@parley/protocol/rooms/level2/messages'
import { z } from 'zod'
import type { Conversation } from '../../core/conversation.ts'
import type { Core } from '../../core/core.ts'
import { historyOf, whereOf } from '../../protocols/rooms/level2/shapes.ts'
import { nameOf } from '../../protocols/rooms/shapes.ts'
import { timestamp } from '../../protocols/timestamp.ts'
import { endpoint } from '../endpoint.ts'

const params = z.object({ number: z.string().meta({ description: 'The `conversation_id` of frames' }) })

export const conversations = [
  endpoint({
    method: 'GET',
    path: '/api/v1/conversations',
    summary: "The caller's conversations with the assistant, newest activity first",
    auth: 'user',
    query: pageQuery,
    status: 200,
    answer: page,
    run: async ({ core, actor, query }) => {
      const { items, total } = await core.execute(actor, { type: 'conversations.list', ...query })
      return { conversations: await Promise.all(items.map(one => show(core, one))), total }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/conversations/{number}/messages',
    summary: "Messages of the caller's conversation, or of that of a room they are in, as those of a room",
    auth: 'user',
    params,
    query: messagesQuery,
    status: 200,
    answer: historyData,
    refuses: ['conversation_unknown'],
    run: async ({ core, actor, params, query }) => {
      const window = { where: whereOf(query), limit: query.limit }
      const command = { type: 'conversations.history', number: numberOf(params.number), ...window } as const
      return historyOf(await core.execute(actor, command))
    },
  }),
  endpoint({
    method: 'PATCH',
    path: '/api/v1/conversations/{number}',
    summary: "Give the caller's conversation a title, or take it away with null",
    auth: 'user',
    params,
    body: titleBody,
    status: 200,
    answer: conversationShown,
    refuses: ['conversation_unknown'],
    words: ({ code }) => (code === 'body_empty' ? 'Title must not be empty' : undefined),
    run: async ({ core, actor, params, body: { title } }) => {
      const number = numberOf(params.number)
      return show(core, await core.execute(actor, { type: 'conversations.rename', number, title }))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/conversations/{number}',
    summary: "Delete the caller's conversation; what was said in a private room stays there",
    auth: 'user',
    params,
    status: 200,
    answer: done,
    refuses: ['conversation_unknown'],
    run: async ({ core, actor, params }) => {
      await core.execute(actor, { type: 'conversations.delete', number: numberOf(params.number) })
      return { message: 'Conversation deleted' }
    },
  }),
]

/** 0, which no conversation has, for what is no number. */
const numberOf = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0)

async function show(core: Core, { number, room: id, title, ...one }: Conversation): Promise<ConversationShown> {
  const room = await core.context.directory.room(id)
  return {
    number,
    room_id: room ? nameOf(room) : `conversation:${number}`,
    room: id,
    title,
    created_at: timestamp(one.createdAt),
    last_at: timestamp(one.lastAt),
  }
}
