import type { RoomId, UserId } from '../../core/ids.ts'
import type { ListedRoom, RoomReads } from '../../core/ports/store.ts'
import type { MemberMoved, Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Room } from '../../core/room.ts'
import { done, refused } from '../outcomes.ts'
import { living, unknownUser } from './directory.ts'
import { positionOf, unreadIn } from './reads.ts'
import { addMember, livingRoom, log, type Member, type RoomState, type State, timeIn } from './state.ts'

export function joinRoom(state: State, { room: id, user, at }: WriteOf<'member.join'>): Outcome<'member.join'> {
  const room = livingRoom(state, id)
  if (!room) return refused({ code: 'room_unknown' })
  if (!living(state, user)) return refused(unknownUser(user))
  const member = room.members.get(user)
  if (!member) return done({ state: 'joined', ...join(room, user, at) })
  // What they are shown of it begins with their asking.
  if (!member.isChosen) member.heard = room.log.length
  member.isChosen = true
  return done({ state: 'present' })
}

export function leaveRoom(state: State, { room: id, user, at }: WriteOf<'member.leave'>): Outcome<'member.leave'> {
  const room = livingRoom(state, id)
  if (!room) return refused({ code: 'room_unknown' })
  const member = room.members.get(user)
  if (!member?.isChosen) return refused({ code: 'not_member' })
  if (room.room.kind !== 'lobby') return done(leave(room, user, at))
  member.isChosen = false
  return done({ seq: 0, at: timeIn(room, at), members: room.members.size })
}

export function hearRooms(state: State, { user, rooms }: WriteOf<'member.heard'>): Outcome<'member.heard'> {
  for (const { room: id, seq } of rooms) {
    const room = livingRoom(state, id)
    const member = room?.members.get(user)
    if (member) member.heard = Math.max(member.heard, Math.min(seq, room?.log.length ?? 0))
  }
  return done({})
}

/** Makes the user a member with nothing unread, from just before the log tells of it. */
export function join(room: RoomState, user: UserId, at: number): MemberMoved {
  addMember(room, user, at)
  const seq = log(room, { type: 'member.joined', user, at: timeIn(room, at) })
  const member = room.members.get(user)
  if (member) member.heard = seq
  return { seq, at: room.lastAt, members: room.members.size }
}

export function leave(room: RoomState, user: UserId, at: number): MemberMoved {
  room.members.delete(user)
  const seq = log(room, { type: 'member.left', user, at: timeIn(room, at) })
  return { seq, at: room.lastAt, members: room.members.size }
}

type MemberReads = Pick<
  RoomReads,
  'membership' | 'members' | 'memberships' | 'commonRooms' | 'latestSince' | 'roomList' | 'listedRoom' | 'lastActivity'
>

export function memberReads(state: State): MemberReads {
  const roomsOf = (user: UserId): (readonly [RoomState, Member])[] =>
    [...state.rooms.values()].flatMap(room => {
      const member = room.members.get(user)
      return member ? [[room, member] as const] : []
    })
  return {
    membership: async (room, user) => {
      const member = state.rooms.get(room)?.members.get(user)
      return member && { joinedAt: member.joinedAt, sinceSeq: member.sinceSeq, since: member.since }
    },
    members: async (room, { after, limit }) => {
      const all = [...(state.rooms.get(room)?.members.keys() ?? [])].sort()
      const rest = after === null ? all : all.filter(user => user > after)
      return { items: rest.slice(0, limit), total: all.length }
    },
    memberships: async user =>
      roomsOf(user).map(([{ room, log }, { sinceSeq, since, heard, isChosen }]) => ({
        ...{ room, seq: log.length, sinceSeq, since, heard, isChosen },
      })),
    commonRooms: async room => commonRooms(state, room),
    latestSince: async room =>
      Math.max(0, ...[...(state.rooms.get(room)?.members.values() ?? [])].map(({ since }) => since)),
    roomList: async (user, { limit, offset }) => {
      const all = roomsOf(user).sort(([a], [b]) => latestFirst(a, b))
      return { items: all.slice(offset, offset + limit).map(one => listed(state, user, one)), total: all.length }
    },
    listedRoom: async (user, id) => {
      const one = roomsOf(user).find(([{ room }]) => room.id === id)
      return one && listed(state, user, one)
    },
    lastActivity: async id => {
      const room = state.rooms.get(id)
      return room ? activeAt(room) : 0
    },
  }
}

function commonRooms(state: State, id: RoomId): { room: Room; since: number }[] {
  const members = [...(state.rooms.get(id)?.members.keys() ?? [])]
  const people = members.filter(user => state.users.get(user)?.role !== 'agent')
  if (people.length === 0) return []
  return [...state.rooms.values()].flatMap(({ room, members }) => {
    const theirs = people.flatMap(user => members.get(user) ?? [])
    return theirs.length === people.length ? [{ room, since: Math.max(...theirs.map(({ since }) => since)) }] : []
  })
}

const activeAt = ({ room, log, lastAt }: RoomState): number => (log.length === 0 ? room.createdAt : lastAt)

const latestFirst = (a: RoomState, b: RoomState): number =>
  b.messageAt - a.messageAt || b.lastNumber - a.lastNumber || (a.room.id < b.room.id ? 1 : -1)

const listed = (state: State, user: UserId, [room, { sinceSeq, since }]: readonly [RoomState, Member]): ListedRoom => ({
  room: room.room,
  seq: room.log.length,
  ordinal: room.messages.length,
  lastAt: activeAt(room),
  sinceSeq,
  since,
  readTo: positionOf(state, room, user),
  unread: unreadIn(state, room, user).length,
  members: room.members.size,
})
