import type { RoomId, UserId } from './ids.ts'

/**
 * - `lobby`: one per server, everyone is in it.
 * - `private`: whoever knows the label may join until the owner closes it; a newcomer reads from the moment of joining on.
 * - `shared`: every user may join.
 * - `group`: only who was added by its owner or an admin is in it.
 * - `direct`: two users (or one, talking to itself); nobody can join.
 * - `conversation`: one person and the assistant; nobody can join.
 * - `directory`: no people and no messages; its log tells of users made, changed, deleted and locked out, so that every
 *   node follows those the way it follows a room.
 */
export const JOINABLE_KINDS = ['private', 'shared', 'group'] as const
export type JoinableKind = (typeof JOINABLE_KINDS)[number]
export type RoomKind = 'lobby' | JoinableKind | 'direct' | 'conversation' | 'directory'

/** When the assistant answers in a room: every message, where it is mentioned or asked by a model field, or never. */
export const ASSISTANT_RULES = ['always', 'mention', 'off'] as const
export type AssistantRule = (typeof ASSISTANT_RULES)[number]

/** A room as every part of the server sees it. Immutable: a change makes a new object. */
export interface Room {
  readonly id: RoomId
  readonly kind: RoomKind
  /** The two users of a direct room in the order of their ids (twice the same for a note to oneself); null elsewhere. */
  readonly pair: readonly [UserId, UserId] | null
  /** What clients call it, chosen by whoever made it and never given again; `lobby` for the lobby; null for kinds nobody can join. */
  readonly label: string | null
  readonly name: string
  /** Whose room it is: its maker until they hand it on, the person of a conversation; null where it is nobody's. */
  readonly owner: UserId | null
  readonly assistant: AssistantRule
  /** Whether further people are kept out. */
  readonly isClosed: boolean
  /** The conversation that all its messages belong to; null where each message names its own (private) or has none (direct). */
  readonly conversation: number | null
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly deletedAt: number | null
}

/** Whether others than one person and whom they talk with may be in it. */
export const hasOthers = ({ kind }: Pick<Room, 'kind'>): boolean => kind !== 'conversation' && kind !== 'direct'

/** Which rooms a question of Token Bowl is about. */
export type Scope = 'lobby' | 'direct'

/** Longest label and name of a room, in Unicode code points. */
export const LABEL_MAX = 255
export const ROOM_NAME_MAX = 255

/** The label of the lobby. */
export const LOBBY_LABEL = 'lobby'

/** The other user of a direct room; oneself in a note to oneself. */
export function otherOf(pair: readonly [UserId, UserId], user: UserId): UserId {
  return pair[0] === user ? pair[1] : pair[0]
}

export const isJoinable = (kind: RoomKind): kind is JoinableKind =>
  kind === 'private' || kind === 'shared' || kind === 'group'
