import type { Context } from '../context.ts'
import type { StoredFile } from '../file.ts'
import type { RoomId } from '../ids.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { User } from '../user.ts'

/** Files that are forgotten in one go. */
const PAGE = 100

/** The room with this label, of which the user is a member. Refuses room_unknown, not_member. */
export async function roomForFile(ctx: Context, user: User, label: string): Promise<Room> {
  const room = await ctx.store.labelled(label)
  if (!room || room.deletedAt !== null) return refuse({ code: 'room_unknown' })
  return (await ctx.store.membership(room.id, user.id)) ? room : refuse({ code: 'not_member' })
}

/**
 * Whether the user may read a file: its sender, admins, and who is in its room. In a private room a newcomer reads nothing from
 * before they joined.
 */
export async function mayRead(ctx: Context, user: User, file: StoredFile): Promise<boolean> {
  if (file.owner === user.id || user.role === 'admin') return true
  if (file.room === null) return false
  const membership = await ctx.store.membership(file.room, user.id)
  if (!membership) return false
  const room = await ctx.directory.room(file.room)
  return room?.kind !== 'private' || file.storedAt >= membership.joinedAt
}

/** Forgets all files of a deleted room and throws their bytes away. */
export async function forgetFilesOf(ctx: Context, room: RoomId): Promise<void> {
  let files: readonly StoredFile[]
  do {
    files = await ctx.store.filesOf(room, null, PAGE)
    for (const file of files) await forget(ctx, file)
  } while (files.length > 0)
}

/** The row first, as ever. What can't be thrown away now the sweep finds. */
async function forget(ctx: Context, { id }: StoredFile): Promise<void> {
  await ctx.commits.run({ type: 'file.drop', id })
  await ctx.files.dropFile(id).catch(ctx.onFault)
}
