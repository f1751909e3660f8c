import type { RoomId } from '../../core/ids.ts'
import type { RunReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { charge as chargeTo } from './spending.ts'
import { livingRoom, type State } from './state.ts'

export function putSummary(state: State, write: WriteOf<'summary.put'>): Outcome<'summary.put'> {
  const { summary, asOf, asker, charge, at } = write
  const room = livingRoom(state, write.room)
  if (!room) return refused({ code: 'room_unknown' })
  chargeTo(state, { asker }, room, charge, at)
  const isChanged = room.log.slice(asOf).some(({ type }) => type === 'message.edited' || type === 'message.deleted')
  const isKept = room.floor < summary.first && !isChanged
  if (isKept) state.summaries.set(room.room.id, summary)
  return done({ isKept })
}

/** Forgets what is said of a message that changes or goes. */
export function dropSummary(state: State, room: RoomId, ordinal: number): void {
  const known = state.summaries.get(room)
  if (known && known.first <= ordinal && ordinal <= known.upTo) state.summaries.delete(room)
}

export const summaryReads = (state: State): Pick<RunReads, 'summary'> => ({
  summary: async room => state.summaries.get(room),
})
