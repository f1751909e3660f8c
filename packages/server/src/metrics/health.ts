import type { Present } from './metrics.ts'
import type { WatchedStore } from './store.ts'

/** What `/health` answers; `healthy` decides its status. */
export interface Health {
  readonly healthy: boolean
  readonly body: {
    /** The word that clients look for. */
    readonly status: 'healthy' | 'unhealthy'
    readonly version: string
    /** Seconds since the start. */
    readonly uptime: number
    readonly store: { readonly status: 'up' | 'down'; readonly reason?: string }
    readonly websocket: { readonly status: 'up'; readonly active_connections: number; readonly total_users: number }
  }
}

export interface Watched {
  readonly version: string
  readonly watched: WatchedStore
  readonly sessions: { readonly counts: Present['counts'] & { readonly sockets: number } }
}

/** Asks the store something small. Never rejects. */
export async function checkHealth({ version, watched, sessions }: Watched): Promise<Health> {
  const reason = watched.failing() ?? (await unreadable(watched))
  const { sockets, users } = sessions.counts
  return {
    healthy: reason === null,
    body: {
      status: reason === null ? 'healthy' : 'unhealthy',
      version,
      uptime: Math.floor(process.uptime()),
      store: reason === null ? { status: 'up' } : { status: 'down', reason },
      websocket: { status: 'up', active_connections: sockets, total_users: users },
    },
  }
}

async function unreadable({ store }: WatchedStore): Promise<string | null> {
  try {
    await store.heads([store.lobby])
    return null
  } catch {
    return 'unreadable'
  }
}
