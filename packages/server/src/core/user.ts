import type { RunId, SignInId, UserId } from './ids.ts'

/** Roles that people and bots have. */
export const ROLES = ['admin', 'member', 'viewer', 'bot'] as const
export type GivenRole = (typeof ROLES)[number]
/**
 * Nobody is given these two, and nobody who has one signs in. `agent`: a voice of the server itself, such as the assistant.
 * `guest`: somebody without an account, forgotten an hour after their last message; in no list, and nobody else knows of them.
 */
export type Role = GivenRole | 'agent' | 'guest'

/** Whether it is the role of a person with an account, or of a bot. */
export const isGiven = (role: Role): role is GivenRole => role !== 'agent' && role !== 'guest'

/** An agent is shown as the bot that it is to whoever knows no agents, a guest as who may do nothing. */
export const givenRole = (role: Role): GivenRole => (isGiven(role) ? role : role === 'agent' ? 'bot' : 'viewer')

/** A user as every part of the server sees it. Immutable: a change makes a new object. Holds no credential. */
export interface User {
  readonly id: UserId
  readonly name: string
  readonly role: Role
  readonly email: string | null
  readonly webhookUrl: string | null
  /** File name of a picture the views know, or null. */
  readonly logo: string | null
  readonly emoji: string | null
  /** Who made this user: the owner of a bot; null for people. */
  readonly createdBy: UserId | null
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Set once the user is deleted. The row stays, so that the name is never reissued and old messages keep an author. */
  readonly deletedAt: number | null
}

/** How a person or bot proved who they are. Decides which open sockets a revocation closes. */
export type Credential =
  | { readonly by: 'key'; readonly digest: string }
  /** `expiresAt` is when the token that was shown ends, where it was one with an end of its own. */
  | { readonly by: 'sign-in'; readonly id: SignInId; readonly expiresAt?: number }
  /** They asked for it: an agent does it for them while it answers. */
  | { readonly by: 'agent'; readonly run: RunId }
  /** A guest proves nothing. Whether they may talk, or only say who they are. */
  | { readonly by: 'guest'; readonly mayTalk: boolean; readonly visitor: Visitor }

/** Somebody of whom only the way they came is known. */
export interface Visitor {
  /** What limits count. */
  readonly address: string
  /** Made on this machine, not passed on by a proxy. */
  readonly local: boolean
  /** By a page of somebody else's, which may have done it without its reader's wish. */
  readonly foreign?: boolean
}

/** Whoever issues a command. */
export type Actor =
  | { readonly kind: 'user'; readonly user: User; readonly credential: Credential }
  /** Somebody without an account, before registration or sign-in. `address` is what limits count. */
  | ({ readonly kind: 'anonymous' } & Visitor)
  /** The operator of the server: the command line and start-up. May do what an admin may. */
  | { readonly kind: 'operator' }

export function guestsFirst(users: readonly User[]): readonly User[] {
  const rank = ({ role }: User) => (role === 'guest' ? 0 : 1)
  return users.toSorted((a, b) => rank(a) - rank(b))
}

/** Whoever has a name here, a guest too. */
export type SignedIn = Actor & { readonly kind: 'user' }

export const isDeleted = (user: User): boolean => user.deletedAt !== null
