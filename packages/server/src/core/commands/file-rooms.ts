import type { Context } from '../context.ts'
import type { StoredFile } from '../file.ts'
import type { FileId, RoomId } from '../ids.ts'
import { nameKey } from '../names.ts'
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

/** Members that are looked at one by one. */
const MEMBERS_MAX = 100

/** Whether everybody in a room may read a file, which has to be of that room. In a private room of many nobody is asked: it is none then. */
export async function mayAllRead(ctx: Context, id: RoomId, file: StoredFile): Promise<boolean> {
  const room = await ctx.directory.room(id)
  if (!room || file.room !== room.id) return false
  if (room.kind !== 'private') return true
  const { items, total } = await ctx.store.members(room.id, { after: null, limit: MEMBERS_MAX })
  const members = await Promise.all(items.map(member => ctx.store.membership(room.id, member)))
  return total <= MEMBERS_MAX && members.every(member => !member || file.storedAt >= member.joinedAt)
}

/** The latest file of a room with a name. */
export async function latestNamed(ctx: Context, room: RoomId, name: string): Promise<StoredFile | undefined> {
  const wanted = nameKey(name)
  let latest: StoredFile | undefined
  for await (const file of allIn(ctx, room)) if (nameKey(file.name) === wanted) latest = file
  return latest
}

/** Files of a room in the order they were stored. */
async function* allIn(ctx: Context, room: RoomId): AsyncGenerator<StoredFile, void, void> {
  let after: FileId | null = null
  for (let isMore = true; isMore; ) {
    const page: readonly StoredFile[] = await ctx.store.filesOf(room, after, PAGE)
    yield* page
    after = page.at(-1)?.id ?? null
    isMore = page.length === PAGE
  }
}

/** Ids of all files of a room. To be asked for before it is deleted: after that nobody finds them. */
export async function filesIn(ctx: Context, room: RoomId): Promise<readonly FileId[]> {
  const ids: FileId[] = []
  for await (const { id } of allIn(ctx, room)) ids.push(id)
  return ids
}

/** Throws away the bytes of files that the store no longer has. What can't be thrown away now the sweep finds. */
export async function dropBytes(ctx: Context, files: readonly FileId[]): Promise<void> {
  for (const id of files) if (!(await ctx.store.file(id))) await ctx.files.dropFile(id).catch(ctx.onFault)
}
