import { TYPING_EXPIRY_MS } from '@parley/protocol/rooms/limits'
import type { Clock } from '../clock.ts'
import type { Person } from './wire.ts'

/** Between two notices that somebody is typing, in milliseconds. */
const REPEAT_MS = 3_000
/** Without a key for so long somebody has stopped. */
const PAUSE_MS = 4_000

/** Tells the others that we type: at most once in 3 s, and once that we stopped. */
export interface Composer {
  /** A key was pressed. */
  typed(): void
  stop(): void
}

export function createComposer(clock: Clock, tell: (isTyping: boolean) => void): Composer {
  let told: number | undefined
  let last = 0
  let cancelTimer: (() => void) | undefined

  const stop = () => {
    cancelTimer?.()
    cancelTimer = undefined
    if (told === undefined) return
    told = undefined
    tell(false)
  }
  const watch = () => {
    const left = last + PAUSE_MS - clock.now()
    if (left <= 0) stop()
    else cancelTimer = clock.after(left, watch)
  }
  return {
    typed() {
      last = clock.now()
      if (!cancelTimer) cancelTimer = clock.after(PAUSE_MS, watch)
      if (told !== undefined && last - told < REPEAT_MS) return
      told = last
      tell(true)
    },
    stop,
  }
}

/** The server says that typing ended; where that is lost we notice ourselves. */
const EXPIRY_MS = TYPING_EXPIRY_MS + 3_000
/** Most people who are shown to type at once. */
const TYPERS_MAX = 50

/** Who types in a room. */
export interface Typers {
  readonly list: readonly Person[]
  hear(person: Person, isTyping: boolean): void
  clear(): void
}

/** `changed` is called whenever the list is another. */
export function createTypers(clock: Clock, changed: () => void): Typers {
  const until = new Map<string, { readonly person: Person; readonly at: number }>()
  let list: readonly Person[] = []
  let cancelTimer: (() => void) | undefined

  const show = () => {
    list = [...until.values()].map(({ person }) => person)
    changed()
  }
  const sweep = () => {
    cancelTimer = undefined
    const now = clock.now()
    const before = until.size
    for (const [id, { at }] of until) if (at <= now) until.delete(id)
    watch()
    if (until.size < before) show()
  }
  const watch = () => {
    const next = Math.min(...[...until.values()].map(({ at }) => at))
    if (!cancelTimer && until.size > 0) cancelTimer = clock.after(Math.max(next - clock.now(), 0), sweep)
  }
  return {
    get list() {
      return list
    },
    hear({ user_id, username }, isTyping) {
      const isNew = isTyping !== until.has(user_id)
      if (isTyping && (until.size < TYPERS_MAX || !isNew)) {
        until.set(user_id, { person: { user_id, username }, at: clock.now() + EXPIRY_MS })
      } else until.delete(user_id)
      watch()
      if (isNew) show()
    },
    clear() {
      cancelTimer?.()
      cancelTimer = undefined
      if (until.size === 0) return
      until.clear()
      show()
    },
  }
}
