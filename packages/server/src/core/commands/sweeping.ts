import type { Context } from '../context.ts'
import type { Upload } from '../file.ts'
import type { FileId } from '../ids.ts'
import { drop } from './ongoing.ts'

/** How long an upload may be left unfinished, in milliseconds. */
const UPLOAD_LIFE = 24 * 3_600_000
const PAGE = 100

/** Ends uploads that were left for a day, and throws away bytes that belong to nothing. Answers how many there were of each. */
export async function sweepUploads(ctx: Context): Promise<{ uploads: number; files: number }> {
  const uploads = await endLeft(ctx)
  const { uploads: inPieces, files } = await ctx.files.kept()
  let swept = 0
  for (const id of inPieces) if (await sweep(ctx, id, () => ctx.files.dropChunks(id), false)) swept++
  for (const id of files) if (await sweep(ctx, id, () => ctx.files.dropFile(id), true)) swept++
  return { uploads, files: swept }
}

async function endLeft(ctx: Context): Promise<number> {
  const before = ctx.clock.now() - UPLOAD_LIFE
  let ended = 0
  let left: readonly Upload[]
  do {
    left = await ctx.store.uploads(before, PAGE)
    for (const { id } of left) {
      await ctx.transfers.inTurn(id, async () => {
        // It may have been finished while its turn came.
        const upload = await ctx.store.upload(id)
        if (upload) await drop(ctx, upload)
      })
    }
    ended += left.length
  } while (left.length > 0)
  return ended
}

/** Throws bytes away unless they belong to an upload, or to a file where `isFile`. Nothing else happens to them meanwhile. */
function sweep(ctx: Context, id: FileId, throwAway: () => Promise<void>, isFile: boolean): Promise<boolean> {
  return ctx.transfers.inTurn(id, async () => {
    if (await ctx.store.upload(id)) return false
    if (isFile && (await ctx.store.file(id))) return false
    await throwAway()
    return true
  })
}
