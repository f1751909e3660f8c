import type { Context } from '../context.ts'
import type { RoomId } from '../ids.ts'
import { ownRoom, readsAbove } from '../places.ts'
import type { SearchQuery } from '../ports/search.ts'
import type { Membership } from '../ports/store.ts'
import type { Room } from '../room.ts'
import type { User } from '../user.ts'

/** Rooms, and after which ordinal in each. */
export type Reach = SearchQuery['rooms']

/** In a room of more people nothing of other rooms but the lobby is told. */
const TOLD_MAX = 100

/** Everything that somebody may read: of private rooms what was said since they came. */
export async function ownReach(ctx: Context, user: User): Promise<Reach> {
  return (await ctx.store.memberships(user.id)).map(({ room, since }) => partOf(room, { since }))
}

/**
 * What may be told in a room of the user's: everything that all people in it may read, as far as the one may who reads least. In
 * a room of many only that room and the lobby. Refuses room_unknown, also where the user is not in it.
 */
export async function sharedReach(ctx: Context, user: User, id: RoomId): Promise<Reach> {
  const { room } = await ownRoom(ctx, user, { by: 'id', id })
  const { total } = await ctx.store.members(room.id, { after: null, limit: 1 })
  if (total <= TOLD_MAX) return (await ctx.store.commonRooms(room.id)).map(common => partOf(common.room, common))
  const here = partOf(room, { since: await ctx.store.latestSince(room.id) })
  return room.kind === 'lobby' ? [here] : [here, partOf(ctx.directory.lobby, { since: 0 })]
}

export const partOf = (room: Room, membership: Pick<Membership, 'since'>) => ({
  room: room.id,
  above: readsAbove(room, membership),
})
