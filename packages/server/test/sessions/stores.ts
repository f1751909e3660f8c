import type { Store } from '../../src/core/ports/store.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** The memory store, of which every answer takes as many turns of the event loop as `turns` says. */
export function slowStore(turns: () => number): Store {
  const store = openMemoryStore()
  const slow =
    (method: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      const answer = await method(...args)
      for (let left = turns(); left > 0; left--) await turn()
      return answer
    }
  const entries = Object.entries(store).map(([name, value]) => [
    name,
    typeof value === 'function' ? slow(value) : value,
  ])
  return Object.fromEntries(entries) as Store // the same methods, slower
}

/** A store whose questions and transactions are counted while they go on. */
export function countedStore(inner: Store) {
  let going = 0
  const counted =
    (method: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      going++
      try {
        return await method(...args)
      } finally {
        going--
      }
    }
  const entries = Object.entries(inner).map(([name, value]) => [
    name,
    typeof value === 'function' ? counted(value) : value,
  ])
  return {
    store: Object.fromEntries(entries) as Store, // the same methods, counted
    /** Resolves when nothing was asked of it for a while. */
    async quiet(): Promise<void> {
      for (let turns = 0; turns < 100; turns++) {
        if (going > 0) turns = 0
        await turn()
      }
    },
  }
}

/** Lets a test say when a look-up of a key is answered; what is answered was true when it was asked. */
export function heldKeys(inner: Store = openMemoryStore()) {
  const asked: (() => void)[] = []
  let isHeld = false
  const userByKey: Store['userByKey'] = async digest => {
    const user = await inner.userByKey(digest)
    if (isHeld) await new Promise<void>(resolve => asked.push(resolve))
    return user
  }
  return {
    store: { ...inner, userByKey },
    asked,
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
      for (const resolve of asked.splice(0)) resolve()
    },
  }
}

/** The memory store with a door before its transactions. */
export interface GatedStore extends Store {
  /** From now on a transaction waits at the door; at the end of the scope the door is opened. */
  shut(): Disposable
  /** Lets in who waits, and everyone after. */
  open(): void
  /** Turns away who waits, with an error and nothing stored; the door stays shut. */
  refuse(error: Error): void
  /** Transactions at the door: 0 or 1. */
  readonly waiting: number
}

export function gatedStore(inner: Store = openMemoryStore()): GatedStore {
  let isShut = false
  let waiting: { resolve(): void; reject(error: Error): void }[] = []
  const all = () => {
    const [...those] = waiting
    waiting = []
    return those
  }
  const open = () => {
    isShut = false
    for (const { resolve } of all()) resolve()
  }
  return {
    ...inner,
    async commit(writes) {
      if (isShut) await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
      return inner.commit(writes)
    },
    shut() {
      isShut = true
      return { [Symbol.dispose]: open }
    },
    open,
    refuse(error) {
      for (const { reject } of all()) reject(error)
    },
    get waiting() {
      return waiting.length
    },
  }
}
