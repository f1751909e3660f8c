import { markedAll, unreadCount } from '@parley/protocol/token-bowl/reads'
import { endpoint } from '../endpoint.ts'
import { messageParams } from './messages.ts'

export const reads = [
  endpoint({
    method: 'GET',
    path: '/messages/unread/count',
    summary: 'How many messages are unread',
    auth: 'user',
    status: 200,
    answer: unreadCount,
    run: async ({ core, actor }) => {
      const { lobby, direct } = await core.execute(actor, { type: 'unread.counts' })
      return { unread_room_messages: lobby, unread_direct_messages: direct, total_unread: lobby + direct }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/messages/{message_id}/read',
    summary: 'Mark one message as read; again is no error',
    auth: 'user',
    params: messageParams,
    status: 204,
    answer: null,
    refuses: ['message_unknown'],
    run: ({ core, actor, params }) => core.execute(actor, { type: 'read.message', id: params.message_id }),
  }),
  endpoint({
    method: 'POST',
    path: '/messages/mark-all-read',
    summary: 'Mark everything as read',
    auth: 'user',
    status: 200,
    answer: markedAll,
    run: async ({ core, actor }) => {
      const { changed } = await core.execute(actor, { type: 'read.all', scopes: ['lobby', 'direct'] })
      return { marked_as_read: changed, messages_marked_read: changed }
    },
  }),
]
