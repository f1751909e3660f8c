/**
 * Where a ChatClient keeps what has to outlive it: messages that are not confirmed yet, and how far each room was read from
 * the log. Values are small texts. A method may answer a promise; what is set and deleted has to happen in order.
 */
export interface ChatStorage {
  /** Everything whose key begins with `prefix`. */
  entries(prefix: string): Iterable<readonly [string, string]> | Promise<Iterable<readonly [string, string]>>
  set(key: string, value: string): void | Promise<void>
  delete(key: string): void | Promise<void>
}

/** Keeps everything until the process ends. */
export function memoryStorage(): ChatStorage {
  const kept = new Map<string, string>()
  return {
    entries: prefix => [...kept].filter(([key]) => key.startsWith(prefix)),
    set: (key, value) => void kept.set(key, value),
    delete: key => void kept.delete(key),
  }
}

/** The part of the browser's `Storage` that is needed. */
export interface WebStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** Keeps everything in `localStorage` or `sessionStorage`, over page reloads. Tabs may share it. */
export function webStorage(storage: WebStorage): ChatStorage {
  return {
    entries(prefix) {
      const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '')
      return keys.filter(key => key.startsWith(prefix)).map(key => [key, storage.getItem(key) ?? ''] as const)
    },
    set: (key, value) => storage.setItem(key, value),
    delete: key => storage.removeItem(key),
  }
}
