import type { Context } from '../context.ts'
import { PIECES_MAX, type Upload } from '../file.ts'
import { extensionOf, isTaken } from '../file-types.ts'
import { type FileId, fileId, newFileId, type UserId } from '../ids.ts'
import { operatorOnly, signedIn } from '../permissions.ts'
import type { RoomRef } from '../places.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'
import { fileName, mediaType } from './file-names.ts'
import { roomForFile } from './file-rooms.ts'
import { type Finish, type Finished, finish } from './finishing.ts'
import { drop, onDisk, owned, writer } from './ongoing.ts'
import { sweepUploads } from './sweeping.ts'

/** Uploads that one user may have going on. */
const OPEN_MAX = 20
/** Seconds after which somebody with too many uploads may try again. */
const OPEN_RETRY = 60

export interface Piece {
  readonly id: string
  readonly index: number
  readonly total: number
  readonly bytes: Uint8Array
  /** The room that hears of the progress; absent and null for the one that was announced. */
  readonly room?: RoomRef | null
}

/** Pieces that are there, of those there will be. */
export interface Done {
  readonly received: number
  readonly total: number
}

export interface UploadCommands {
  /**
   * Announces a file, for a room or for none. `chunkMax` is the size of the largest piece, in bytes. Refuses
   * file_too_large, file_size_invalid, file_type_refused, room_unknown, not_member, role_forbids, rate_limited (too many are going on),
   * storage_insufficient.
   */
  'upload.begin': {
    input: { name: string; size: number; mimeType: string; room: RoomRef | null }
    result: { upload: Upload; chunkMax: number }
  }
  /**
   * Keeps piece `index` of `total`, in any order; the same index again replaces it. The `total` that was said last counts.
   * Refuses upload_unknown, chunk_too_large, chunk_invalid, room_unknown, not_member, role_forbids, size_mismatch (all pieces exceed what was announced by more than one
   * piece), storage_insufficient.
   */
  'upload.put': {
    input: Piece
    result: Done
  }
  /**
   * Makes the pieces a file of the room named here, else of the one that was announced. `seconds` is what the upload took.
   * Repeated after success it answers the same again. Refuses upload_unknown, room_unknown, not_member, chunks_missing,
   * size_mismatch, checksum_wrong, storage_insufficient, after which it may be tried again, and scan_failed, after which the
   * upload is over.
   */
  'upload.finish': {
    input: Finish
    result: Finished
  }
  /** Ends an upload and throws its pieces away. Refuses upload_unknown. */
  'upload.cancel': { input: { id: string }; result: { id: FileId } }
  /** Ends uploads that were left for a day, and throws away bytes that belong to nothing. The operator. */
  'uploads.sweep': { input: object; result: { uploads: number; files: number } }
}

export const uploadCommands: Implementation<UploadCommands> = {
  'upload.begin': begin,
  'upload.put': (ctx, actor, input) => mine(ctx, actor, input.id, upload => put(ctx, actor, upload, input)),
  'upload.finish': finish,
  'upload.cancel': (ctx, actor, { id }) =>
    mine(ctx, actor, id, async upload => {
      await drop(ctx, upload)
      return { id: upload.id }
    }),
  'uploads.sweep': (ctx, actor) => {
    operatorOnly(actor)
    return sweepUploads(ctx)
  },
}

async function begin(ctx: Context, actor: Actor, input: UploadCommands['upload.begin']['input']) {
  const user = writer(actor)
  const { maxFile, maxChunk, quotaPerUser: quota, quotaTotal: total } = ctx.settings.files
  if (input.size > maxFile) refuse({ code: 'file_too_large', max: maxFile })
  if (!Number.isSafeInteger(input.size) || input.size < 1) refuse({ code: 'file_size_invalid' })
  const name = fileName(input.name)
  const extension = extensionOf(name)
  if (!isTaken(extension)) refuse({ code: 'file_type_refused', extension })
  const room = input.room === null ? null : await roomForFile(ctx, user, input.room)
  if (!(await hasPlace(ctx, user.id))) refuse({ code: 'rate_limited', retryAfter: OPEN_RETRY })
  const upload: Upload = {
    id: newFileId(ctx.ids),
    owner: user.id,
    room: room?.id ?? null,
    name,
    size: input.size,
    mimeType: mediaType(input.mimeType),
    startedAt: ctx.clock.now(),
  }
  ctx.transfers.begun(user.id, upload.id)
  try {
    await ctx.commits.run({ type: 'upload.begin', upload, quota, total })
  } catch (error) {
    ctx.transfers.ended(user.id, upload.id)
    throw error
  }
  return { upload, chunkMax: maxChunk }
}

/** Whether the user may begin another upload. Those that were erased with their room no longer count. */
async function hasPlace({ transfers, store }: Context, user: UserId): Promise<boolean> {
  if (transfers.openOf(user).length < OPEN_MAX) return true
  for (const id of transfers.openOf(user)) if (!(await store.upload(id))) transfers.ended(user, id)
  return transfers.openOf(user).length < OPEN_MAX
}

/** Works on an upload of the actor, in its turn. Refuses upload_unknown for anything else. */
function mine<T>(ctx: Context, actor: Actor, id: string, work: (upload: Upload) => Promise<T>): Promise<T> {
  const user = signedIn(actor)
  const known = fileId(id) ?? refuse({ code: 'upload_unknown' })
  return ctx.transfers.inTurn(known, async () => work(await owned(ctx, known, user.id)))
}

async function put(ctx: Context, actor: Actor, upload: Upload, input: Piece): Promise<Done> {
  const user = writer(actor)
  const { index, total, bytes, room: named = null } = input
  const { maxChunk } = ctx.settings.files
  checkPiece(input, maxChunk)
  const room = named === null ? null : await roomForFile(ctx, user, named)
  const pieces = await ctx.transfers.pieces(upload.id)
  const all = pieces.bytesWith(index, bytes.byteLength)
  // One piece more than announced is let pass, for whoever cuts the file anew. The rest would fill the disk past every quota.
  if (all > upload.size + maxChunk) refuse({ code: 'size_mismatch', expected: upload.size, got: all })
  await onDisk(ctx.files.putChunk(upload.id, index, bytes))
  pieces.put(index, bytes.byteLength)
  pieces.total = total
  const { received } = pieces.first(total)
  // At most once for each hundredth, so that tiny pieces do not become a flood.
  const hundredths = Math.floor((received * 100) / total)
  if (hundredths > pieces.told) {
    pieces.told = hundredths
    await tellProgress(ctx, user, upload, room, received / total)
  }
  return { received, total }
}

function checkPiece({ index, total, bytes }: Piece, max: number): void {
  if (bytes.byteLength > max) refuse({ code: 'chunk_too_large', max })
  if (!Number.isInteger(total) || total < 1 || total > PIECES_MAX)
    refuse({ code: 'chunk_invalid', why: `total_chunks must be 1 to ${PIECES_MAX}` })
  if (!Number.isInteger(index) || index < 0 || index >= total)
    refuse({ code: 'chunk_invalid', why: 'chunk_index must be 0 to total_chunks - 1' })
}

/** Tells the room, or the announced one as long as the user is in it. */
async function tellProgress(ctx: Context, user: User, upload: Upload, named: Room | null, progress: number) {
  const { id: file, name } = upload
  const room = named ?? (upload.room && (await ctx.directory.room(upload.room)))
  if (!room || !(await ctx.store.membership(room.id, user.id))) return
  ctx.emit({ type: 'upload.progressed', in: room, uploader: user, file, name, progress })
}
