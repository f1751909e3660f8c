import type { Context } from '../context.ts'
import type { StoredFile } from '../file.ts'
import type { FileId, RoomId } from '../ids.ts'
import { may } from '../permissions.ts'
import { ownRoom, type RoomRef } from '../places.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { User } from '../user.ts'

/** Files that are asked for at one time. */
const PAGE = 100

/** A room the user may send files to. Refuses room_unknown, not_member, role_forbids (a direct room, for who sends no direct messages). */
export async function roomForFile(ctx: Context, user: User, ref: RoomRef): Promise<Room> {
  return sendable(user, (await ownRoom(ctx, user, ref)).room)
}

/** A room that the user is in, if they may send to it. */
export function sendable({ role }: User, room: Room): Room {
  if (room.kind !== 'direct' || may(role, 'direct.send')) return room
  return refuse({ code: 'role_forbids', role, capability: 'direct.send' })
}

/**
 * Whether the user may read a file: its sender, admins, and who is in its room. In a private room a newcomer reads nothing from
 * before they joined.
 */
export async function mayRead(ctx: Context, user: User, file: StoredFile): Promise<boolean> {
  if (file.owner === user.id || may(user.role, 'admin')) return true
  if (file.room === null) return false
  const membership = await ctx.store.membership(file.room, user.id)
  if (!membership) return false
  const room = await ctx.directory.room(file.room)
  return room?.kind !== 'private' || file.storedAt >= membership.joinedAt
}

/** Ids of all files of a room. To be asked for before it is deleted: after that nobody finds them. */
export async function filesIn(ctx: Context, room: RoomId): Promise<readonly FileId[]> {
  const ids: FileId[] = []
  for (let isMore = true; isMore; ) {
    const page = await ctx.store.filesOf(room, ids.at(-1) ?? null, PAGE)
    for (const { id } of page) ids.push(id)
    isMore = page.length === PAGE
  }
  return ids
}

/** Throws away the bytes of files that the store no longer has. What can't be thrown away now the sweep finds. */
export async function dropBytes(ctx: Context, files: readonly FileId[]): Promise<void> {
  for (const id of files) if (!(await ctx.store.file(id))) await ctx.files.dropFile(id).catch(ctx.onFault)
}
