import type { UserId } from '../../core/ids.ts'
import type { LogRow, RoomReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Scope } from '../../core/room.ts'
import { isDeleted } from '../../core/user.ts'
import { done, refused } from '../outcomes.ts'
import { dropSteps } from './runs.ts'
import { addMember, type LogEntry, livingRoom, type RoomState, roomState, type State } from './state.ts'

export function openDirect(state: State, write: WriteOf<'room.open_direct'>): Outcome<'room.open_direct'> {
  const { id, pair, at } = write
  const known = directRoom(state, pair)
  if (known) return done({ room: known.room })
  for (const one of pair) {
    const user = state.users.get(one)
    if (!user || isDeleted(user)) return refused({ code: 'user_unknown', name: one })
  }
  if (state.rooms.has(id)) return refused({ code: 'id_conflict' })
  const room = roomState({ id, kind: 'direct', pair, createdAt: at })
  for (const user of pair) addMember(room, user, at)
  state.rooms.set(id, room)
  return done({ room: room.room })
}

export function trimRoom(state: State, write: WriteOf<'room.trim'>): Outcome<'room.trim'> {
  const { keep, limit } = write
  const room = livingRoom(state, write.room)
  if (!room) return refused({ code: 'room_unknown' })
  const removed = Math.max(0, Math.min(room.messages.length - keep - room.floor, limit))
  for (const id of room.messages.slice(room.floor, room.floor + removed)) {
    const message = state.messages.get(id)
    if (message) state.erased.set(id, { ...message, body: '' })
    if (message) dropSteps(state, message.run)
    state.messages.delete(id)
    room.receipts.delete(id)
  }
  room.floor += removed
  return done({ removed })
}

export function roomReads(state: State): RoomReads {
  return {
    room: async id => state.rooms.get(id)?.room,
    directRoom: async pair => directRoom(state, pair)?.room,
    labelled: async label => [...state.rooms.values()].find(({ room }) => room.label === label)?.room,
    membership: async (room, user) => {
      const member = livingRoom(state, room)?.members.get(user)
      return member && { joinedAt: member.joinedAt, sinceSeq: member.sinceSeq, since: member.since }
    },
    heads: async rooms => rooms.map(id => state.rooms.get(id)?.log.length ?? 0),
    log: async (id, after, limit) => {
      const rows = state.rooms.get(id)?.log.slice(after, after + limit) ?? []
      return rows.map((entry, index) => logRow(state, entry, after + index + 1))
    },
  }
}

/** The rooms of a scope that the user is a member of. */
export function roomsOf(state: State, user: UserId, scope: Scope): RoomState[] {
  return [...state.rooms.values()].filter(({ room, members }) => room.kind === scope && members.has(user))
}

function directRoom(state: State, pair: readonly [UserId, UserId]): RoomState | undefined {
  return [...state.rooms.values()].find(({ room }) => room.pair?.[0] === pair[0] && room.pair[1] === pair[1])
}

function logRow(state: State, entry: LogEntry, seq: number): LogRow {
  const { at } = entry
  if ('message' in entry) {
    const message = state.messages.get(entry.message)
    const isThere = message && livingRoom(state, message.room)
    return isThere ? { seq, at, type: entry.type, message } : { seq, at, type: 'gone' }
  }
  if ('run' in entry) {
    const run = state.runs.get(entry.run)?.run
    return run ? { seq, at, type: entry.type, run } : { seq, at, type: 'gone' }
  }
  if ('file' in entry) {
    const file = state.files.get(entry.file)
    return file ? { seq, at, type: entry.type, file } : { seq, at, type: 'gone' }
  }
  if (!('user' in entry)) return { seq, at, type: entry.type }
  const user = state.users.get(entry.user)
  return user ? { seq, at, type: entry.type, user } : { seq, at, type: 'gone' }
}
