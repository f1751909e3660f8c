import type { UserId } from '../../core/ids.ts'
import { nameKey } from '../../core/names.ts'
import type { PeopleReads } from '../../core/ports/store.ts'
import type { Outcome, UserPatch, WriteOf } from '../../core/ports/writes.ts'
import type { Refusal } from '../../core/refusals.ts'
import { isJoinable } from '../../core/room.ts'
import { isDeleted, isGiven, type User } from '../../core/user.ts'
import { done, refused } from '../outcomes.ts'
import { dropTicketsOf, putAccount } from './accounts.ts'
import { forgetApprovals } from './approvals.ts'
import { deleteArtefactsOf } from './artefacts.ts'
import { keyIsTaken, ticketFault } from './credentials.ts'
import { living, logUser, unknownUser } from './directory.ts'
import { leave } from './members.ts'
import { endRoom } from './room-life.ts'
import { addMember, type RoomState, type State } from './state.ts'

export function createUser(state: State, write: WriteOf<'user.create'>): Outcome<'user.create'> {
  const { user, key, registration, ticket, at } = write
  const refusal =
    nameFault(state, user.id, user) ??
    emailFault(state, user.id, user) ??
    ticketFault(state, ticket, at) ??
    (state.users.has(user.id) || keyIsTaken(state, key) ? ({ code: 'id_conflict' } as const) : undefined)
  if (refusal) return refused(refusal)
  if (ticket) state.tickets.delete(ticket.digest)
  if (key) state.keys.set(user.id, key)
  if (registration) putAccount(state, user.id, registration)
  state.users.set(user.id, user)
  if (user.role === 'guest') return done({ seq: 0 })
  if (isGiven(user.role)) addMember(state.lobby, user.id, at, false)
  return done({ seq: logUser(state, 'user.created', user.id, at) })
}

export function changeUser(state: State, write: WriteOf<'user.change'>): Outcome<'user.change'> {
  const { id, patch, at } = write
  const before = living(state, id)
  if (!before) return refused(unknownUser(id))
  const refusal = nameFault(state, id, patch) ?? emailFault(state, id, patch)
  if (refusal) return refused(refusal)
  const user = { ...before, ...patch }
  state.users.set(id, user)
  if (user.email !== before.email) {
    putAccount(state, id, { emailVerifiedAt: null })
    dropTicketsOf(state, id)
  }
  return done({ user, seq: logUser(state, 'user.changed', id, at) })
}

export function deleteUser(state: State, { id, at }: WriteOf<'user.delete'>): Outcome<'user.delete'> {
  const first = living(state, id)
  if (!first) return refused(unknownUser(id))
  const leaving = [first]
  // A bot that was given another role may have bots of its own.
  for (const user of leaving) leaving.push(...livingBotsOf(state, user.id))
  return done({ users: leaving.map(user => deleteOne(state, user, at)) })
}

function deleteOne(state: State, before: User, at: number): { user: User; seq: number } {
  const user = { ...before, email: null, webhookUrl: null, logo: null, emoji: null, deletedAt: at }
  state.users.set(user.id, user)
  state.keys.delete(user.id)
  state.accounts.delete(user.id)
  dropTicketsOf(state, user.id)
  forgetApprovals(state, ({ asker }) => asker === user.id)
  for (const [id, signIn] of state.signIns) if (signIn.user === user.id) state.signIns.delete(id)
  for (const room of state.rooms.values()) if (room.members.has(user.id)) leaveFor(state, room, user.id, at)
  for (const { number, owner } of state.conversations.values()) {
    if (owner === user.id) state.conversations.delete(number)
  }
  deleteArtefactsOf(state, user.id)
  return { user, seq: logUser(state, 'user.deleted', user.id, at) }
}

/** Told in the logs of rooms where comings and goings are; a conversation ends with its person. */
function leaveFor(state: State, room: RoomState, user: UserId, at: number): void {
  const { kind } = room.room
  if (kind === 'conversation') endRoom(state, room, at)
  else if (isJoinable(kind)) leave(room, user, at)
  else room.members.delete(user)
}

export function peopleReads(state: State): Omit<PeopleReads, 'guests'> {
  const find = (test: (user: User) => boolean) => [...state.users.values()].find(user => !isDeleted(user) && test(user))
  return {
    user: async id => state.users.get(id),
    users: async ids => ids.flatMap(id => state.users.get(id) ?? []),
    userByName: async key => find(user => nameKey(user.name) === key && user.role !== 'guest'),
    isNameUsed: async key => [...state.users.values()].some(user => nameKey(user.name) === key),
    userByEmail: async email => find(user => user.email === email),
    everyone: async () => [...state.users.values()].filter(user => !isDeleted(user) && user.role !== 'guest'),
    botsOf: async owner => livingBotsOf(state, owner),
    hasAdmin: async () => find(user => user.role === 'admin') !== undefined,
  }
}

const livingBotsOf = (state: State, owner: UserId): User[] =>
  [...state.users.values()].filter(user => user.createdBy === owner && !isDeleted(user))

function nameFault(state: State, id: UserId, { name }: UserPatch): Refusal | undefined {
  if (name === undefined) return undefined
  const key = nameKey(name)
  const taken = [...state.users.values()].some(user => user.id !== id && nameKey(user.name) === key)
  return taken ? { code: 'name_taken', name } : undefined
}

function emailFault(state: State, id: UserId, { email }: UserPatch): Refusal | undefined {
  const taken = email != null && [...state.users.values()].some(user => user.id !== id && user.email === email)
  return taken ? { code: 'email_taken' } : undefined
}
