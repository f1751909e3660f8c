import { connectionShown, type Stats, stats, userConnections } from '@parley/protocol/rooms/endpoints'
import { z } from 'zod'
import type { Core } from '../../core/core.ts'
import { userId } from '../../core/ids.ts'
import { may, signedIn } from '../../core/permissions.ts'
import type { Actor } from '../../core/user.ts'
import { nameOf } from '../../protocols/rooms/shapes.ts'
import { timestamp } from '../../protocols/timestamp.ts'
import type { Connection } from '../../sessions/connections.ts'
import { endpoint, type Site } from '../endpoint.ts'
import { Fault } from '../faults.ts'

export const connections = [
  endpoint({
    method: 'GET',
    path: '/api/v1/ws/stats',
    summary: 'How much is going on, on all protocols; `queued_messages` counts connections that messages wait for',
    auth: 'admin',
    status: 200,
    answer: stats,
    run: ({ site }) => statsOf(site),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/ws/connections/{connection_id}',
    summary: 'An open connection, for its user and admins',
    auth: 'user',
    params: z.object({ connection_id: z.string().meta({ description: 'As the frame `connect` names it' }) }),
    status: 200,
    answer: connectionShown,
    refuses: ['connection_unknown', 'connection_foreign'],
    run: async ({ site, core, actor, params }) => {
      const open = site.sockets.connection(params.connection_id)
      if (!open) throw new Fault('connection_unknown')
      ownOnly(actor, open.userId)
      return { ...(await show(core, open)), user_id: open.userId, rate_limit: rateOf(open, core.context.clock.now()) }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/ws/user/{user_id}/connections',
    summary: "A user's open connections, on all protocols, for the user and admins",
    auth: 'user',
    params: z.object({ user_id: z.string().meta({ description: 'UUID' }) }),
    status: 200,
    answer: userConnections,
    refuses: ['connection_foreign'],
    run: async ({ site, core, actor, params }) => {
      const user = userId(params.user_id)
      ownOnly(actor, user)
      const open = user ? site.sockets.connectionsOf(user) : []
      return { connections: await Promise.all(open.map(one => show(core, one))) }
    },
  }),
]

/** What is going on at this moment, from counters alone. */
export function statsOf({ core, sockets }: Pick<Site, 'core' | 'sockets'>): Stats {
  const { sockets: open, users, rooms, behind } = sockets.counts
  return {
    active_connections: open,
    total_users: users,
    active_rooms: rooms,
    queued_messages: behind,
    typing_indicators: core.context.typing.size,
  }
}

function ownOnly(actor: Actor, owner: string | undefined): void {
  const user = signedIn(actor)
  if (user.id !== owner && !may(user.role, 'admin')) throw new Fault('connection_foreign')
}

async function show({ context }: Core, open: Connection) {
  const rooms = await Promise.all(open.rooms.map(id => context.directory.room(id)))
  return {
    connection_id: open.connectionId,
    status: 'connected' as const,
    rooms: rooms.flatMap(room => (room ? nameOf(room) : [])),
    last_activity: timestamp(open.lastActivity),
    metadata: { user_agent: open.userAgent || null, ip_address: open.address, username: open.username },
  }
}

const rateOf = ({ frames }: Connection, now: number) =>
  frames && {
    limit: frames.limit,
    window: frames.seconds,
    remaining: frames.left,
    reset_at: timestamp(now + frames.frees * 1000),
  }
