import { useState, useSyncExternalStore } from 'react'

/** Something outside React that is shown. */
export interface Store<T> {
  /** Calls `listener` after every change; the answer takes that back. */
  readonly subscribe: (listener: () => void) => () => void
  /** What is shown now: the same value until it changed. */
  readonly read: () => T
  /** What is shown before there is a browser. */
  readonly server: T
}

export const useStore = <T>({ subscribe, read, server }: Store<T>): T =>
  useSyncExternalStore(subscribe, read, () => server)

/** What `make` answers, for as long as `key` is the same. Unlike a memo it is never made twice. */
export function useKept<K, T>(key: K, make: (key: K) => T): T {
  const [kept, setKept] = useState(() => ({ key, value: make(key) }))
  if (Object.is(kept.key, key)) return kept.value
  const next = { key, value: make(key) }
  setKept(next)
  return next.value
}

/** Reads the same object again for as long as everything in it is the same. */
export function stable<T extends object>(read: () => T): () => T {
  let last: T | undefined
  return () => {
    const next = read()
    if (last === undefined || !isAlike(last, next)) last = next
    return last
  }
}

function isAlike<T extends object>(a: T, b: T): boolean {
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))]
  return left.length === right.size && left.every(([key, value]) => Object.is(value, right.get(key)))
}

/** What hears of any of these events. */
export const listening =
  <E extends string>(on: (event: E, listener: () => void) => () => void, events: readonly E[]) =>
  (listener: () => void) => {
    const offs = events.map(event => on(event, () => listener()))
    return () => {
      for (const off of offs) off()
    }
  }

export const NONE: readonly never[] = []
