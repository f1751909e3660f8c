import type { LogEvent } from './room-log.ts'
import type { RoomInfo } from './wire.ts'

/**
 * What the list of rooms says of one, kept up to date by its events. `info.seq` is the last event that is counted; `isExact`
 * turns false where an event can't be counted without asking the server.
 */
export interface Summary {
  readonly info: RoomInfo
  readonly isExact: boolean
}

/** What the server says, with the events on top that it didn't know of. `later` are those we know, in order. */
export function summarize(info: RoomInfo, later: readonly LogEvent[], me: string): Summary {
  return later.reduce((summary, event) => count(summary, event, me), { info, isExact: true } as Summary)
}

/** Counts a new event. One that is counted already changes nothing. */
export function count(summary: Summary, event: LogEvent, me: string): Summary {
  const { info } = summary
  const { seq } = event
  if (seq <= info.seq) return summary
  switch (event.type) {
    case 'message': {
      const { ordinal, timestamp, user_id } = event.message
      const unread = info.unread + (user_id !== me && ordinal > info.read_to ? 1 : 0)
      return { ...summary, info: { ...info, seq, ordinal, last_activity: timestamp, unread } }
    }
    // Whose it was, and whether it was read singly, only the server knows.
    case 'deleted':
      return { info: { ...info, seq }, isExact: summary.isExact && event.ordinal <= info.read_to }
    case 'gone':
      return { info: { ...info, seq }, isExact: false }
    case 'joined':
    case 'left':
      return { ...summary, info: { ...info, seq, participants_count: event.participants_count } }
    case 'changed': {
      const { room_name, owner, assistant, closed } = event
      return { ...summary, info: { ...info, seq, room_name, owner, assistant, closed } }
    }
    case 'edited':
    case 'room_deleted':
    case 'run_started':
    case 'run_ended':
    case 'file':
      return { ...summary, info: { ...info, seq } }
    default:
      return event satisfies never
  }
}

/** The server's word on what is read. */
export const setRead = (summary: Summary, read_to: number, unread: number): Summary => ({
  ...summary,
  info: { ...summary.info, read_to, unread },
})
