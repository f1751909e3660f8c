import type { Context } from '../context.ts'
import type { RoomId, UserId } from '../ids.ts'
import { signedIn } from '../permissions.ts'
import { mayEnter, ownRoom, type RoomRef, ruledRoom, userWith } from '../places.ts'
import type { PageOf } from '../ports/store.ts'
import { refuse } from '../refusals.ts'
import { isJoinable, type Room } from '../room.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'

export interface MemberCommands {
  /** Members in the order of their ids. Refuses room_unknown, not_member. */
  'members.list': { input: { ref: RoomRef; after: UserId | null; limit: number }; result: PageOf<User> }
  /** Brings a user into a room. Its owner and admins. Refuses room_unknown, not_owner, user_unknown. */
  'members.add': { input: { ref: RoomRef; user: UserId }; result: { isNew: boolean } }
  /** Puts a user out of a room. Its owner and admins, and everybody themselves. Refuses room_unknown, not_owner, not_member. */
  'members.remove': { input: { ref: RoomRef; user: UserId }; result: object }
  /** Notes up to where a documented client of the actor was shown its rooms. */
  'member.heard': { input: { rooms: readonly { readonly room: RoomId; readonly seq: number }[] }; result: object }
}

export const memberCommands: Implementation<MemberCommands> = {
  'members.list': async (ctx, actor, { ref, after, limit }) => {
    const { room } = await ownRoom(ctx, signedIn(actor), ref)
    const { items, total } = await ctx.store.members(room.id, { after, limit })
    const known = await ctx.directory.users(items)
    return { items: items.flatMap(id => known.get(id) ?? []), total }
  },
  'members.add': async (ctx, actor, { ref, user: id }) => {
    const { room } = await ruledRoom(ctx, actor, ref)
    return { isNew: await enter(ctx, await userWith(ctx, id), room) }
  },
  'members.remove': remove,
  'member.heard': (ctx, actor, { rooms }) => ctx.commits.run({ type: 'member.heard', user: signedIn(actor).id, rooms }),
}

async function remove(ctx: Context, actor: Actor, { ref, user: id }: { ref: RoomRef; user: UserId }): Promise<object> {
  const self = signedIn(actor)
  const { room } = id === self.id ? await ownRoom(ctx, self, ref) : await ruledRoom(ctx, actor, ref)
  if (!isJoinable(room.kind)) return refuse({ code: 'not_member' })
  await leaveAs(ctx, await userWith(ctx, id), room)
  return {}
}

/** Lets a user into a room they may enter by themselves; false for who is in it. Refuses room_access_denied. */
export async function join(ctx: Context, user: User, room: Room): Promise<boolean> {
  if (!mayEnter(user, room)) {
    const isIn = room.deletedAt === null && (await ctx.store.membership(room.id, user.id))
    return isIn ? false : refuse({ code: 'room_access_denied' })
  }
  return enter(ctx, user, room)
}

/** Makes a user a member, whoever brought them; false for who is one. */
export async function enter(ctx: Context, user: User, room: Room): Promise<boolean> {
  const write = { type: 'member.join', room: room.id, user: user.id, at: ctx.clock.now() } as const
  const { state } = await ctx.commits.run(write, moved => {
    if (moved.state === 'joined') ctx.emit({ type: 'member.joined', room, user, ...moved })
    else if (room.kind === 'lobby') ctx.emit({ type: 'lobby.chosen', user, isChosen: true })
  })
  return state === 'joined'
}

/** Ends a membership and answers when. Refuses not_member. */
export async function leaveAs(ctx: Context, user: User, room: Room): Promise<number> {
  const write = { type: 'member.leave', room: room.id, user: user.id, at: ctx.clock.now() } as const
  const { at } = await ctx.commits.run(write, moved => {
    ctx.typing.stop(user.id, room.id)
    if (room.kind === 'lobby') ctx.emit({ type: 'lobby.chosen', user, isChosen: false })
    else ctx.emit({ type: 'member.left', room, user, ...moved })
  })
  return at
}

/** Takes a user out of every room that people join and leave, each told to those in it. */
export async function leaveAll(ctx: Context, user: User): Promise<void> {
  for (const { room } of await ctx.store.memberships(user.id)) if (isJoinable(room.kind)) await leaveAs(ctx, user, room)
}
