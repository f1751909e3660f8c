import { TEXTS } from '@parley/protocol/token-bowl/limits'
import {
  historyQuery,
  messageBody,
  messageResponse,
  type PaginatedMessages,
  paginatedMessages,
  receipts,
  unreadList,
} from '@parley/protocol/token-bowl/messages'
import { type PageQuery, pageQuery } from '@parley/protocol/token-bowl/pages'
import { z } from 'zod'
import type { Place } from '../../core/commands/targets.ts'
import type { Scope } from '../../core/room.ts'
import { timestamp } from '../../protocols/timestamp.ts'
import { pagination, messageResponse as show } from '../../protocols/token-bowl/shapes.ts'
import { readTime } from '../../protocols/token-bowl/since.ts'
import { type Call, endpoint } from '../endpoint.ts'
import { Fault } from '../faults.ts'

export const messageParams = z.object({ message_id: z.string() })

export const messages = [
  endpoint({
    method: 'POST',
    path: '/messages',
    summary: 'Send a message to the room, or to one user',
    auth: 'user',
    body: messageBody,
    status: 201,
    answer: messageResponse,
    refuses: ['role_forbids', 'user_unknown', 'recipient_viewer', 'rate_limited', 'busy'],
    run: async ({ core, actor, body }) =>
      show(await core.execute(actor, { type: 'message.send', to: placeOf(body.to_username), body: body.content })),
  }),
  endpoint({
    method: 'GET',
    path: '/messages',
    summary: 'Messages of the room, newest first',
    auth: 'user',
    query: historyQuery,
    status: 200,
    answer: paginatedMessages,
    refuses: ['request_invalid'],
    run: call => history(call, 'lobby'),
  }),
  endpoint({
    method: 'GET',
    path: '/messages/direct',
    summary: 'Direct messages to and from the caller, newest first',
    auth: 'user',
    query: historyQuery,
    status: 200,
    answer: paginatedMessages,
    refuses: ['request_invalid'],
    run: call => history(call, 'direct'),
  }),
  endpoint({
    method: 'GET',
    path: '/messages/unread',
    summary: 'Unread messages of the room, oldest first',
    auth: 'user',
    query: pageQuery,
    status: 200,
    answer: unreadList,
    run: call => unread(call, 'lobby'),
  }),
  endpoint({
    method: 'GET',
    path: '/messages/direct/unread',
    summary: 'Unread direct messages, oldest first',
    auth: 'user',
    query: pageQuery,
    status: 200,
    answer: unreadList,
    run: call => unread(call, 'direct'),
  }),
  endpoint({
    method: 'GET',
    path: '/messages/{message_id}/receipts',
    summary: 'Who read a message, and when; for its author and admins',
    auth: 'user',
    params: messageParams,
    status: 200,
    answer: receipts,
    refuses: ['message_unknown'],
    run: async ({ core, actor, params }) => {
      const read = await core.execute(actor, { type: 'message.receipts', id: params.message_id })
      return read.map(({ reader, at }) => ({ username: reader.name, read_at: timestamp(at) }))
    },
  }),
]

const placeOf = (name: string | null | undefined): Place => (name ? { at: 'direct', name } : { at: 'lobby' })

type HistoryQuery = PageQuery & { readonly since?: string | undefined }

async function history({ core, actor, query }: Call<unknown, HistoryQuery>, scope: Scope): Promise<PaginatedMessages> {
  const { limit, offset } = query
  const since = readSince(query.since)
  const { items, total } = await core.execute(actor, { type: 'message.history', scope, since, limit, offset })
  return { messages: items.map(show), pagination: pagination(query, total, items.length) }
}

function readSince(text: string | undefined): number | null {
  if (!text) return null
  const at = readTime(text)
  if (at === undefined) throw new Fault('request_invalid', { text: TEXTS.invalidTimestamp })
  return at
}

async function unread({ core, actor, query }: Call<unknown, PageQuery>, scope: Scope) {
  const { limit, offset } = query
  return (await core.execute(actor, { type: 'unread.list', scope, limit, offset })).map(show)
}
