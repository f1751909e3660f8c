import type { Clock } from '../clock.ts'
import type { ChatStorage } from './storage.ts'

/** How long a cursor may be out of date in the storage, in milliseconds. */
const CURSOR_DELAY_MS = 1_000

/** What is kept of one user on one server. */
export interface Vault {
  /** The user is known: resolves with what is kept of them, by kind. What was kept before that is written now. */
  open(userId: string): Promise<Kept>
  keepMessage(clientId: string, text: string): void
  dropMessage(clientId: string): void
  /** Written within a second, the newest alone. */
  keepCursor(room: string, seq: number): void
  dropCursor(room: string): void
  /** Writes what is not written yet. */
  flush(): void
}

export interface Kept {
  readonly messages: readonly string[]
  /** `seq` by the room's uuid. */
  readonly cursors: ReadonlyMap<string, number>
}

/** `failed` hears of what the storage throws, which stops nothing. */
export function createVault(
  storage: ChatStorage,
  server: string,
  clock: Clock,
  failed: (error: unknown) => void,
): Vault {
  const early = new Map<string, string>()
  const dirty = new Map<string, number>()
  let prefix: string | undefined
  let cancelTimer: (() => void) | undefined

  const attempt = (write: () => unknown) => {
    try {
      Promise.resolve(write()).catch(failed)
    } catch (error) {
      failed(error)
    }
  }
  const set = (key: string, value: string) => {
    if (prefix === undefined) early.set(key, value)
    else attempt(() => storage.set(prefix + key, value))
  }
  const drop = (key: string) => {
    if (prefix === undefined) early.delete(key)
    else attempt(() => storage.delete(prefix + key))
  }
  const flush = () => {
    cancelTimer?.()
    cancelTimer = undefined
    for (const [room, seq] of dirty) set(`cursor:${room}`, String(seq))
    dirty.clear()
  }

  return {
    async open(userId) {
      prefix = `parley:${server}:${userId}:`
      const { length } = prefix
      const entries = await (async () => [...(await storage.entries(prefix))])().catch(error => {
        failed(error)
        return []
      })
      for (const [key, value] of early) set(key, value)
      early.clear()
      const of = (kind: string) =>
        entries.flatMap(([key, value]) =>
          key.startsWith(kind, length) ? [[key.slice(length + kind.length), value] as const] : [],
        )
      return {
        messages: of('message:').map(([, text]) => text),
        cursors: new Map(of('cursor:').map(([room, seq]) => [room, Number(seq)])),
      }
    },
    keepMessage: (clientId, text) => set(`message:${clientId}`, text),
    dropMessage: clientId => drop(`message:${clientId}`),
    keepCursor(room, seq) {
      dirty.set(room, seq)
      cancelTimer ??= clock.after(CURSOR_DELAY_MS, flush)
    },
    dropCursor(room) {
      dirty.delete(room)
      drop(`cursor:${room}`)
    },
    flush,
  }
}
