import type { MessageResponse } from './types.ts'

/** How far before the newest message seen the history is read again, in milliseconds. */
const OVERLAP_MS = 5_000

/** The messages of one kind that were delivered, as far back as they may be fetched again. */
export interface Seen {
  /** False when this message was noted before. */
  note(message: MessageResponse): boolean
  /** The time from which on the history is to be fetched; undefined for all of it. */
  since(): string | undefined
  /** Whether `message` is so old that it will never be fetched again. */
  isPast(message: MessageResponse): boolean
}

/** Milliseconds since 1970. */
export const timeOf = (message: MessageResponse): number => Date.parse(message.timestamp)

/** Forgets an id only when its time lies before `since()`, which never falls: what is forgotten can't come back. */
export function createSeen(): Seen {
  const times = new Map<string, number>()
  let newest = Number.NEGATIVE_INFINITY

  const forget = () => {
    for (const [id, time] of times) {
      if (time >= newest - OVERLAP_MS) return
      times.delete(id)
    }
  }
  return {
    note(message) {
      if (times.has(message.id)) return false
      const time = timeOf(message)
      times.set(message.id, time)
      newest = Math.max(newest, time)
      forget()
      return true
    },
    since: () => (times.size === 0 ? undefined : new Date(newest - OVERLAP_MS).toISOString()),
    isPast: message => timeOf(message) < newest - OVERLAP_MS,
  }
}
