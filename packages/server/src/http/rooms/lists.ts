import { messagesQuery, pageQuery } from '@parley/protocol/rooms/level2/endpoints'
import { historyData } from '@parley/protocol/rooms/level2/messages'
import { roomList } from '@parley/protocol/rooms/level2/room-list'
import { historyOf, refOf, roomInfo, whereOf } from '../../protocols/rooms/level2/shapes.ts'
import { endpoint } from '../endpoint.ts'
import { roomParams } from './rooms.ts'

export const lists = [
  endpoint({
    method: 'GET',
    path: '/api/v1/rooms',
    summary: "The caller's rooms, newest activity first",
    auth: 'user',
    query: pageQuery,
    status: 200,
    answer: roomList,
    run: async ({ core, actor, query }) => {
      const { items, total, unread } = await core.execute(actor, { type: 'room.list', ...query })
      return { rooms: items.map(roomInfo), total, unread_total: unread }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/rooms/{room_id}/messages',
    summary: 'Messages of a room of the caller in the order they were stored: the newest, or those around an ordinal',
    auth: 'user',
    params: roomParams,
    query: messagesQuery,
    status: 200,
    answer: historyData,
    refuses: ['room_unknown', 'not_member'],
    run: async ({ core, actor, params, query }) => {
      const window = { where: whereOf(query), limit: query.limit, conversation: null }
      return historyOf(await core.execute(actor, { type: 'room.history', ref: refOf(params.room_id), ...window }))
    },
  }),
]
