import type { Context } from '../context.ts'
import type { Upload } from '../file.ts'
import type { FileId, UserId } from '../ids.ts'
import { allowed } from '../permissions.ts'
import { StorageFull } from '../ports/files.ts'
import { refuse } from '../refusals.ts'
import type { Actor, User } from '../user.ts'

/** Whoever may write may send files. */
export const writer = (actor: Actor): User => allowed(actor, 'room.send')

/** The upload, if it is the owner's. Refuses upload_unknown. */
export async function owned(ctx: Context, id: FileId, owner: UserId): Promise<Upload> {
  const upload = await ctx.store.upload(id)
  return upload?.owner === owner ? upload : refuse({ code: 'upload_unknown' })
}

/** Ends an upload that became no file. The row goes first: bytes that a crash leaves then belong to nothing, and the sweep finds them. */
export async function drop(ctx: Context, { id, owner }: Upload): Promise<void> {
  await ctx.commits.run({ type: 'upload.drop', id })
  ctx.transfers.ended(owner, id)
  await ctx.files.dropChunks(id)
  await ctx.files.dropFile(id)
}

/** Refuses storage_insufficient where there is no room. */
export async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof StorageFull) return refuse({ code: 'storage_insufficient' })
    throw error
  }
}
