import { refuse } from './refusals.ts'
import type { Actor, Role, User } from './user.ts'

export type Capability =
  | 'lobby.send'
  | 'room.send'
  | 'conversation.send'
  | 'room.make'
  | 'room.join'
  | 'direct.send'
  | 'direct.receive'
  | 'profile.change'
  | 'bots.own'
  | 'password.own'
  | 'search'
  | 'artefacts.own'
  | 'admin'

const PERSON = ['profile.change', 'bots.own', 'password.own', 'direct.send', 'room.make'] as const
const WRITER = [
  'lobby.send',
  'room.send',
  'conversation.send',
  'room.join',
  'direct.receive',
  'search',
  'artefacts.own',
] as const

const MAY: Record<Role, readonly Capability[]> = {
  admin: [...WRITER, ...PERSON, 'admin'],
  member: [...WRITER, ...PERSON],
  bot: [...WRITER, 'room.make', 'profile.change'],
  viewer: ['room.join', 'password.own', 'search'],
  agent: [...WRITER, 'direct.send'],
  guest: ['conversation.send', 'artefacts.own'],
}

export const may = (role: Role, capability: Capability): boolean => MAY[role].includes(capability)

/** The signed-in user behind `actor`; refuses everyone else. */
export function signedIn(actor: Actor): User {
  return actor.kind === 'user' ? actor.user : refuse({ code: 'unauthenticated' })
}

/** The signed-in user if their role has `capability`; refuses otherwise. */
export function allowed(actor: Actor, capability: Capability): User {
  const user = signedIn(actor)
  return may(user.role, capability) ? user : refuse({ code: 'role_forbids', role: user.role, capability })
}

/** Passes admins and the operator. */
export function adminOnly(actor: Actor): void {
  if (actor.kind === 'operator') return
  if (!may(signedIn(actor).role, 'admin')) refuse({ code: 'admin_only' })
}

/** Passes the operator alone: what only whoever runs the server may do. */
export function operatorOnly(actor: Actor): void {
  if (actor.kind !== 'operator') refuse({ code: 'admin_only' })
}
