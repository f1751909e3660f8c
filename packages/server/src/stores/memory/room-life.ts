import type { Room } from '../../core/room.ts'
import { log, type RoomState, type State, timeIn } from './state.ts'

/** Deletes the room with everything that people know it by; its messages are left to be erased. */
export function endRoom(state: State, room: RoomState, at: number): { room: Room; seq: number; at: number } {
  const seq = log(room, { type: 'room.deleted', at: timeIn(room, at) })
  room.room = { ...room.room, deletedAt: room.lastAt }
  room.members.clear()
  state.summaries.delete(room.room.id)
  for (const one of state.conversations.values()) {
    if (one.room === room.room.id) state.conversations.delete(one.number)
  }
  return { room: room.room, seq, at: room.lastAt }
}
