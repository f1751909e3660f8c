import type { PeopleReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { eraseApprovals } from './approvals.ts'
import { deleteArtefactsOf } from './artefacts.ts'
import { unknownUser } from './directory.ts'
import { eraseFiles } from './files.ts'
import { eraseRuns } from './runs.ts'
import type { RoomState, State } from './state.ts'

export function eraseGuest(state: State, { id }: WriteOf<'guest.erase'>): Outcome<'guest.erase'> {
  if (state.users.get(id)?.role !== 'guest') return refused(unknownUser(id))
  for (const room of state.rooms.values()) if (room.room.owner === id) eraseConversation(state, room)
  for (const key of state.retries.keys()) if (key.startsWith(id)) state.retries.delete(key)
  deleteArtefactsOf(state, id)
  state.users.delete(id)
  return done({ isDone: true })
}

function eraseConversation(state: State, { room, messages }: RoomState): void {
  for (const message of messages) {
    state.messages.delete(message)
    state.erased.delete(message)
  }
  for (const erase of [eraseRuns, eraseApprovals, eraseFiles]) erase(state, room.id, Number.MAX_SAFE_INTEGER)
  for (const { number, room: of } of state.conversations.values()) {
    if (of !== room.id) continue
    state.conversations.delete(number)
    state.sessions.delete(number)
  }
  state.summaries.delete(room.id)
  state.rooms.delete(room.id)
}

export function guestReads(state: State): Pick<PeopleReads, 'guests'> {
  return {
    guests: async (before, limit) => {
      const spoke = [...state.conversations.values()].filter(({ lastAt }) => lastAt >= before)
      const here = new Set(spoke.map(({ owner }) => owner))
      return [...state.users.values()]
        .filter(({ id, role, createdAt }) => role === 'guest' && createdAt < before && !here.has(id))
        .slice(0, limit)
    },
  }
}
