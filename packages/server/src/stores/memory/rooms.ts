import type { RoomId, UserId } from '../../core/ids.ts'
import type { LogRow, RoomReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { isJoinable } from '../../core/room.ts'
import { done, refused } from '../outcomes.ts'
import { eraseApprovals } from './approvals.ts'
import { openOne } from './conversations.ts'
import { living, unknownUser } from './directory.ts'
import { eraseFiles, isThere } from './files.ts'
import { join, memberReads } from './members.ts'
import { endRoom } from './room-life.ts'
import { dropRuns, eraseRuns } from './runs.ts'
import { addMember, type LogEntry, livingRoom, log, type RoomState, roomState, type State, timeIn } from './state.ts'
import { dropSummary } from './summaries.ts'

export function openDirect(state: State, write: WriteOf<'room.open_direct'>): Outcome<'room.open_direct'> {
  const { id, pair, at } = write
  const known = directRoom(state, pair)
  if (known) return done({ room: known.room })
  for (const one of pair) if (!living(state, one)) return refused(unknownUser(one))
  if (state.rooms.has(id)) return refused({ code: 'id_conflict' })
  const room = roomState({ id, kind: 'direct', pair, createdAt: at })
  for (const user of pair) addMember(room, user, at)
  state.rooms.set(id, room)
  return done({ room: room.room })
}

export function createRoom(state: State, { room, at }: WriteOf<'room.create'>): Outcome<'room.create'> {
  const { id, kind, owner } = room
  if (!living(state, owner)) return refused(unknownUser(owner))
  if (labelled(state, room.label)) return refused({ code: 'room_exists' })
  if (state.rooms.has(id)) return refused({ code: 'id_conflict' })
  const conversation = kind === 'private' ? null : openOne(state, { room: id, owner: null, title: null }, at).number
  const made = roomState({ ...room, conversation, createdAt: at })
  state.rooms.set(id, made)
  return done({ room: made.room, ...join(made, owner, at) })
}

export function changeRoom(state: State, { room: id, patch, at }: WriteOf<'room.change'>): Outcome<'room.change'> {
  const room = livingRoom(state, id)
  if (!room) return refused({ code: 'room_unknown' })
  if (patch.owner && !room.members.has(patch.owner)) return refused({ code: 'not_member' })
  room.room = { ...room.room, ...patch }
  const seq = log(room, { type: 'room.changed', at: timeIn(room, at) })
  return done({ room: room.room, seq, at: room.lastAt })
}

export function deleteRoom(state: State, { room: id, at }: WriteOf<'room.delete'>): Outcome<'room.delete'> {
  const room = livingRoom(state, id)
  const canEnd = room && (isJoinable(room.room.kind) || room.room.kind === 'conversation')
  return canEnd ? done(endRoom(state, room, at)) : refused({ code: 'room_unknown' })
}

export function eraseRoom(state: State, { room: id, limit }: WriteOf<'room.erase'>): Outcome<'room.erase'> {
  const room = state.rooms.get(id)
  if (!room || livingRoom(state, id)) return refused({ code: 'room_unknown' })
  let removed = erase(state, room, Math.min(room.messages.length - room.floor, limit))
  for (const part of [eraseRuns, eraseApprovals, eraseFiles]) removed += part(state, id, limit - removed)
  room.isErased = removed < limit
  return done({ removed })
}

export function trimRoom(state: State, write: WriteOf<'room.trim'>): Outcome<'room.trim'> {
  const { keep, limit } = write
  const room = livingRoom(state, write.room)
  if (!room) return refused({ code: 'room_unknown' })
  return done({ removed: erase(state, room, Math.min(room.messages.length - keep - room.floor, limit)) })
}

/** Erases the oldest messages, as many as asked, and returns how many. */
function erase(state: State, room: RoomState, count: number): number {
  const removed = Math.max(0, count)
  for (const id of room.messages.slice(room.floor, room.floor + removed)) {
    const message = state.messages.get(id)
    if (message) state.erased.set(id, { ...message, body: '' })
    if (message) dropRuns(state, message)
    if (message) dropSummary(state, message.room, message.ordinal)
    state.messages.delete(id)
    room.receipts.delete(id)
  }
  room.floor += removed
  return removed
}

export function roomReads(state: State): RoomReads {
  return {
    ...memberReads(state),
    room: async id => state.rooms.get(id)?.room,
    labelled: async label => labelled(state, label)?.room,
    directRoom: async pair => directRoom(state, pair)?.room,
    deletedRooms: async limit => toErase(state).slice(0, limit),
    heads: async rooms => rooms.map(id => state.rooms.get(id)?.log.length ?? 0),
    log: async (id, after, limit) => {
      const rows = state.rooms.get(id)?.log.slice(after, after + limit) ?? []
      return rows.map((entry, index) => logRow(state, entry, after + index + 1))
    },
  }
}

function directRoom(state: State, pair: readonly [UserId, UserId]): RoomState | undefined {
  return [...state.rooms.values()].find(({ room }) => room.pair?.[0] === pair[0] && room.pair[1] === pair[1])
}

const labelled = (state: State, label: string): RoomState | undefined =>
  [...state.rooms.values()].find(({ room }) => room.label === label)

const toErase = (state: State): RoomId[] =>
  [...state.rooms.values()].flatMap(({ room, isErased }) => (room.deletedAt === null || isErased ? [] : [room.id]))

function logRow(state: State, entry: LogEntry, seq: number): LogRow {
  const { at } = entry
  if ('message' in entry) {
    const message = state.messages.get(entry.message)
    const isThere = message && livingRoom(state, message.room)
    return isThere ? { seq, at, type: entry.type, message } : { seq, at, type: 'gone' }
  }
  if ('run' in entry) {
    const run = state.runs.get(entry.run)?.run
    return run && livingRoom(state, run.room) ? { seq, at, type: entry.type, run } : { seq, at, type: 'gone' }
  }
  if ('file' in entry) {
    const file = state.files.get(entry.file)
    return file && isThere(state, file) ? { seq, at, type: entry.type, file } : { seq, at, type: 'gone' }
  }
  if (!('user' in entry)) return { seq, at, type: entry.type }
  const user = state.users.get(entry.user)
  return user ? { seq, at, type: entry.type, user } : { seq, at, type: 'gone' }
}
