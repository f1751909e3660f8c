import { searchQuery } from '@parley/protocol/rooms/level2/endpoints'
import { searchData } from '@parley/protocol/rooms/level2/search'
import { foundOf, searchOf } from '../../protocols/rooms/level2/shapes.ts'
import { endpoint } from '../endpoint.ts'

export const search = [
  endpoint({
    method: 'GET',
    path: '/api/v1/search',
    summary: 'Messages with these words in the rooms of the caller, or in one of them, newest first',
    auth: 'user',
    query: searchQuery,
    status: 200,
    answer: searchData,
    refuses: ['room_unknown', 'not_member', 'user_unknown', 'rate_limited', 'busy'],
    run: async ({ core, actor, query: { q: text, room_id: room, ...query } }) =>
      foundOf(await core.execute(actor, { type: 'search.messages', ...searchOf({ ...query, text, room }) })),
  }),
]
