import type { SocketHealth, Stats } from '@parley/protocol/rooms/endpoints'
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
    /** What the server works with. */
    readonly services: { readonly store: { readonly status: 'up' | 'down'; readonly reason?: string } }
    readonly websocket: SocketHealth
  }
}

export interface Watched {
  readonly version: string
  readonly watched: WatchedStore
  /** What is going on. */
  readonly stats: () => Stats
}

/** Asks the store something small. Never rejects. */
export async function checkHealth({ version, watched, stats }: Watched): Promise<Health> {
  const reason = watched.failing() ?? (await unreadable(watched))
  return {
    healthy: reason === null,
    body: {
      status: reason === null ? 'healthy' : 'unhealthy',
      version,
      uptime: Math.floor(process.uptime()),
      services: { store: reason === null ? { status: 'up' } : { status: 'down', reason } },
      websocket: { status: 'up', ...stats() },
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
