import type { Context } from './context.ts'
import type { RoomId, UserId } from './ids.ts'
import { fits } from './message.ts'
import { allowed, may } from './permissions.ts'
import type { Membership } from './ports/store.ts'
import { refuse } from './refusals.ts'
import { LABEL_MAX, type Room } from './room.ts'
import { type Actor, isDeleted, type User } from './user.ts'

/** How a client says which room it means. */
export type RoomRef =
  /** By the label that somebody gave it. */
  | { readonly by: 'label'; readonly label: string }
  /** The direct room with another user. */
  | { readonly by: 'user'; readonly id: UserId }
  /** The direct room of two users. */
  | { readonly by: 'pair'; readonly pair: readonly [UserId, UserId] }
  /** The room of a conversation. */
  | { readonly by: 'conversation'; readonly number: number }
  | { readonly by: 'id'; readonly id: RoomId }

/** Labels that begin so stand for rooms that have none. */
const RESERVED = /^(?:dm|conversation):/

export const pairOf = (a: UserId, b: UserId): readonly [UserId, UserId] => (a < b ? [a, b] : [b, a])

/** Whether somebody may call a room so. */
export const isLabel = (label: string): boolean =>
  label !== '' && fits(label, LABEL_MAX) && label.isWellFormed() && !RESERVED.test(label)

/** The room a client means, if there is one: not a deleted one, whoever is in it. */
export async function roomAt(ctx: Context, user: User, ref: RoomRef): Promise<Room | undefined> {
  const room = await find(ctx, user, ref)
  return room?.deletedAt === null ? room : undefined
}

async function find(ctx: Context, user: User, ref: RoomRef): Promise<Room | undefined> {
  switch (ref.by) {
    case 'label':
      return ctx.directory.labelled(ref.label)
    case 'user':
      return ctx.directory.direct(pairOf(user.id, ref.id))
    case 'pair':
      return ctx.directory.direct(ref.pair)
    case 'conversation': {
      const conversation = await ctx.store.conversation(ref.number)
      return conversation && ctx.directory.room(conversation.room)
    }
    case 'id':
      return ctx.directory.room(ref.id)
    default:
      return ref satisfies never
  }
}

/** A room the user is in, with their membership. To anybody else it is unknown: refuses room_unknown or, where it is named by label, not_member. */
export async function ownRoom(
  ctx: Context,
  user: User,
  ref: RoomRef,
): Promise<{ readonly room: Room; readonly membership: Membership }> {
  const room = await roomAt(ctx, user, ref)
  if (!room) return refuse({ code: 'room_unknown' })
  const membership = await ctx.store.membership(room.id, user.id)
  if (membership) return { room, membership }
  return refuse({ code: ref.by === 'label' ? 'not_member' : 'room_unknown' })
}

/** A room that the actor may do everything with: its owner and admins. Refuses room_unknown, not_owner. */
export async function ruledRoom(ctx: Context, actor: Actor, ref: RoomRef): Promise<{ room: Room; user: User }> {
  const user = allowed(actor, 'room.join')
  const room = await roomAt(ctx, user, ref)
  if (!room || room.label === null) return refuse({ code: 'room_unknown' })
  if (!rules(user, room)) refuse({ code: 'not_owner', of: 'room' })
  return { room, user }
}

export const rules = (user: User, room: Room): boolean =>
  may(user.role, 'admin') || (room.owner === user.id && may(user.role, 'room.send'))

/** Whether somebody who is not in it may go into a room by themselves. */
export function mayEnter(user: User, room: Room): boolean {
  if (room.deletedAt !== null || !may(user.role, 'room.join')) return false
  switch (room.kind) {
    case 'lobby':
      return true
    case 'private':
    case 'shared':
      return !room.isClosed || rules(user, room)
    case 'group':
      return rules(user, room)
    case 'direct':
    case 'conversation':
    case 'directory':
      return false
    default:
      return room.kind satisfies never
  }
}

/** Messages with an ordinal up to this are not for the member: in a private room, those from before they came. */
export const readsAbove = (room: Room, { since }: Pick<Membership, 'since'>): number =>
  room.kind === 'private' ? since : 0

/**
 * Whether the user may read what began in a room at a time: who is in it, a private room's members what came after them. Nobody
 * what was in a deleted one.
 */
export async function readsSince(ctx: Context, user: User, room: Room, at: number): Promise<boolean> {
  if (room.deletedAt !== null) return false
  const membership = await ctx.store.membership(room.id, user.id)
  return membership !== undefined && (room.kind !== 'private' || at >= membership.joinedAt)
}

/** The living user with this id. Refuses user_unknown. */
export async function userWith(ctx: Context, id: UserId): Promise<User> {
  const user = await ctx.directory.user(id)
  return user && !isDeleted(user) && user.role !== 'guest' ? user : refuse({ code: 'user_unknown', name: id })
}
