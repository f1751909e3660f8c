import { type SessionInfo, sessionShown, sessions, sessionsQuery } from '@parley/protocol/agents/endpoints'
import { z } from 'zod'
import type { Conversation } from '../../core/conversation.ts'
import { keyOf } from '../../protocols/agents/desk.ts'
import { timestamp } from '../../protocols/timestamp.ts'
import { endpoint, type Site } from '../endpoint.ts'
import { inSession } from './asker.ts'

const PREFIX = keyOf('')

export const sessionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/sessions',
    summary: "The account's sessions, latest activity first; a guest has no list",
    auth: 'guest',
    query: sessionsQuery,
    status: 200,
    answer: sessions,
    run: async ({ core, site, actor, query }) => {
      if (actor.kind !== 'user') return { sessions: [], total: 0 }
      const { items, total } = await core.execute(actor, { type: 'sessions.list', prefix: PREFIX, ...query })
      const shown = items.map(({ session, conversation }) => show(site, session.slice(PREFIX.length), conversation))
      return { sessions: shown, total }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/sessions/{session_id}',
    summary: "One of the account's sessions, or a guest's, for whoever knows its id",
    auth: 'guest',
    params: z.object({ session_id: z.string() }),
    status: 200,
    answer: sessionShown,
    refuses: ['conversation_unknown'],
    run: async ({ core, site, actor, params: { session_id: id } }) => {
      const asker = await inSession({ core, actor }, id)
      const found = await core.execute(asker, { type: 'sessions.show', session: keyOf(id) })
      const { conversation, messages, agents } = found
      return { ...show(site, id, conversation), message_count: messages, agents_used: [...agents] }
    },
  }),
]

function show({ sockets }: Site, id: string, { owner, room, createdAt, lastAt }: Conversation): SessionInfo {
  return {
    session_id: id,
    user_id: owner ?? '',
    created_at: timestamp(createdAt),
    last_activity: timestamp(lastAt),
    active: sockets.connections().some(({ rooms }) => rooms.includes(room)),
  }
}
