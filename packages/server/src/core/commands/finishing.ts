import type { Context } from '../context.ts'
import type { StoredFile, Upload } from '../file.ts'
import { isAsSaid } from '../file-types.ts'
import { fileId } from '../ids.ts'
import type { RoomRef } from '../places.ts'
import type { Assembled } from '../ports/files.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import { sniff } from '../sniff.ts'
import type { Actor, User } from '../user.ts'
import { roomForFile, sendable } from './file-rooms.ts'
import { drop, onDisk, owned, writer } from './ongoing.ts'

export interface Finish {
  readonly id: string
  /** The room it is for; absent and null for the one that was announced. */
  readonly room?: RoomRef | null
  /** SHA-256 of the whole file, hex in any case; null where the client gives none. */
  readonly checksum: string | null
}

export interface Finished {
  readonly file: StoredFile
  /** What the upload took. */
  readonly seconds: number
}

/** See `upload.finish`. Two at once do it once: the second finds the file. */
export async function finish(ctx: Context, actor: Actor, input: Finish): Promise<Finished> {
  const user = writer(actor)
  const id = fileId(input.id) ?? refuse({ code: 'upload_unknown' })
  return ctx.transfers.inTurn(id, async () => {
    const file = await ctx.store.file(id)
    if (file?.owner === user.id) return { file, seconds: ctx.transfers.secondsOf(id) }
    const upload = await owned(ctx, id, user.id)
    const room = () => roomOfUpload(ctx, user, upload, input.room ?? null)
    await room()
    const assembled = await assemble(ctx, upload, input.checksum)
    await scan(ctx, upload)
    // A scan takes its time, and the user may have been removed from the room meanwhile.
    return keep(ctx, user, upload, await room(), assembled)
  })
}

/** The room named last, else the announced one, which may be gone by now. */
async function roomOfUpload(ctx: Context, user: User, upload: Upload, named: RoomRef | null): Promise<Room | null> {
  if (named !== null) return roomForFile(ctx, user, named)
  const room = upload.room && (await ctx.store.room(upload.room))
  if (!room || room.deletedAt !== null) return null
  return (await ctx.store.membership(room.id, user.id)) ? sendable(user, room) : refuse({ code: 'not_member' })
}

/** Puts the file together; nobody sees it before `keep`. */
async function assemble(ctx: Context, upload: Upload, checksum: string | null): Promise<Assembled> {
  const pieces = await ctx.transfers.pieces(upload.id)
  // After a restart nobody remembers what the client said last. Too few pieces show in the size then.
  const expected = pieces.total ?? (pieces.least || Math.ceil(upload.size / ctx.settings.files.maxChunk))
  const { received, bytes } = pieces.first(expected)
  if (received < expected) refuse({ code: 'chunks_missing', expected, got: received })
  if (bytes !== upload.size) refuse({ code: 'size_mismatch', expected: upload.size, got: bytes })
  const assembled = await onDisk(ctx.files.assemble(upload.id, expected))
  if (checksum === null || checksum.toLowerCase() === assembled.checksum) return assembled
  await ctx.files.dropFile(upload.id)
  return refuse({ code: 'checksum_wrong' })
}

/** Lets a file pass that the scanner is sure of. Any other ends the upload. */
async function scan(ctx: Context, upload: Upload): Promise<void> {
  if (!ctx.scanner) return
  const verdict = await ctx.scanner.scan(ctx.files.read(upload.id))
  if (verdict.state === 'clean') return
  if (verdict.state === 'unsure') ctx.onFault(new Error(`File ${upload.id} could not be scanned: ${verdict.why}`))
  await drop(ctx, upload)
  refuse({ code: 'scan_failed' })
}

async function keep(ctx: Context, user: User, upload: Upload, room: Room | null, { size, checksum, head }: Assembled) {
  const { id, owner, name, mimeType, startedAt } = upload
  const at = ctx.clock.now()
  const sniffed = sniff(head)
  const file = { id, owner, room: room?.id ?? null, name, size, mimeType, sniffed, checksum, storedAt: at }
  await ctx.commits.run({ type: 'file.add', file }, ({ seq, at }) => {
    if (room && seq > 0) ctx.emit({ type: 'file.added', room, seq, at, file, uploader: user })
  })
  const seconds = Math.max(0, at - startedAt) / 1000
  ctx.transfers.ended(owner, id, seconds)
  // The file is there, whatever becomes of its pieces: the sweep finds what is left.
  await ctx.files.dropChunks(id).catch(ctx.onFault)
  if (!isAsSaid(file))
    ctx.onNotice?.({ file: id, said: mimeType, sniffed }, 'a file is not of the type it was said to be')
  return { file, seconds }
}
