import { asError } from './errors.ts'

type Events = Record<string, unknown[]>
export type Listener<Args extends unknown[]> = (...args: Args) => unknown

export interface Emitter<E extends Events> {
  /** Adds a listener; the answer removes it. */
  on<K extends keyof E>(event: K, listener: Listener<E[K]>): () => void
  /** Starts every listener, in the order they were added. What one throws or rejects with goes to the emitter's `failed`. */
  emit<K extends keyof E>(event: K, ...args: E[K]): void
}

/** Listeners never stop each other, and never stop who emits: `failed` hears of errors, with the event they came from. */
export function createEmitter<E extends Events>(failed: (error: Error, event: keyof E) => void): Emitter<E> {
  const listeners: { [K in keyof E]?: Set<{ run: Listener<E[K]> }> } = {}
  return {
    on(event, run) {
      const entry = { run }
      const entries = listeners[event] ?? new Set()
      listeners[event] = entries.add(entry)
      return () => entries.delete(entry)
    },
    emit(event, ...args) {
      for (const { run } of [...(listeners[event] ?? [])]) {
        const report = (thrown: unknown) => failed(asError(thrown), event)
        try {
          const result = run(...args)
          if (result !== undefined) Promise.resolve(result).catch(report)
        } catch (thrown) {
          report(thrown)
        }
      }
    },
  }
}
