import type { Context } from '../context.ts'
import type { StoredFile } from '../file.ts'
import { type RoomId, roomId } from '../ids.ts'
import { may } from '../permissions.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { User } from '../user.ts'

/** Files that are forgotten in one go. */
const PAGE = 100

/**
 * The room with this label or id, if the user may send to it. Refuses room_unknown, not_member, role_forbids (a direct room, for
 * who sends no direct messages).
 */
export async function roomForFile(ctx: Context, user: User, name: string): Promise<Room> {
  const id = roomId(name)
  const room = (await ctx.store.labelled(name)) ?? (id && (await ctx.store.room(id)))
  return room && room.deletedAt === null ? sendable(ctx, user, room) : refuse({ code: 'room_unknown' })
}

/** The room, if the user may send to it. */
export async function sendable(ctx: Context, user: User, room: Room): Promise<Room> {
  if (!(await ctx.store.membership(room.id, user.id))) refuse({ code: 'not_member' })
  const { role } = user
  if (room.kind === 'direct' && !may(role, 'direct.send'))
    refuse({ code: 'role_forbids', role, capability: 'direct.send' })
  return room
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
