import type { Connections } from '@parley/protocol/token-bowl/admin'
import { STALE_AFTER_MS } from '@parley/protocol/token-bowl/limits'
import { timestamp } from '../../protocols/timestamp.ts'
import type { Connection } from '../../sessions/connections.ts'

/** The sockets that are open at `now`. One that has not answered a ping yet counts from its last sign of life. */
export const showConnections = (open: readonly Connection[], now: number): Connections => ({
  total_users: new Set(open.map(({ username }) => username)).size,
  total_connections: open.length,
  connections: open.map(({ username, connectionId, lastActivity, lastPong }) => ({
    username,
    connection_id: connectionId,
    last_activity: timestamp(lastActivity),
    last_pong: timestamp(lastPong ?? lastActivity),
    seconds_since_activity: seconds(now - lastActivity),
    seconds_since_pong: seconds(now - (lastPong ?? lastActivity)),
    is_healthy: now - lastActivity < STALE_AFTER_MS,
  })),
})

const seconds = (milliseconds: number): number => Math.max(0, milliseconds) / 1000
