import { z } from 'zod'
import { count } from '../text.ts'
import { frameDown, id } from './envelope.ts'
import { MAX_CHUNK_BYTES } from './limits.ts'

// --- the frame of the client

/**
 * Everything about uploads. A fault is answered with a `file_upload` of type `error`, so `data` is read in a second step,
 * by the schema in `uploads` that its `upload_type` names; `chunk` where there is none.
 */
export const fileUploadFrame = z.object({
  data: z
    .looseObject({})
    .nullish()
    .transform(data => data ?? {}),
  room_id: z.string().nullish(),
  message_id: z.string().nullish(),
})
export type FileUploadFrame = z.output<typeof fileUploadFrame>

const fileId = z.string().min(1)

/** Announces a file. The server has words of its own for a size out of bounds. */
export const uploadInit = z.object({
  file_name: z.string().min(1),
  /** Bytes. */
  file_size: z.int(),
  mime_type: z
    .string()
    .nullish()
    .transform(type => type || 'application/octet-stream'),
})
export type UploadInit = z.output<typeof uploadInit>

/** A piece, in any order; one that is sent again replaces the first. */
export const uploadChunk = z.object({
  file_id: fileId,
  chunk_index: count,
  total_chunks: z.int().min(1),
  /** Base64. */
  chunk_data: z.string(),
})
export type UploadChunk = z.output<typeof uploadChunk>

/** `checksum` is the SHA-256 of the whole file in hex. */
export const uploadFinalize = z.object({ file_id: fileId, checksum: z.string().nullish() })
export type UploadFinalize = z.output<typeof uploadFinalize>

export const uploadCancel = z.object({ file_id: fileId })
export type UploadCancel = z.output<typeof uploadCancel>

/** What a client may send, by `upload_type`. */
export const uploads = {
  init: uploadInit,
  chunk: uploadChunk,
  finalize: uploadFinalize,
  cancel: uploadCancel,
} as const satisfies Record<string, z.ZodType>
export type UploadType = keyof typeof uploads

// --- frames of the server

const progress = z.number().min(0).max(1)

const initialized = z.strictObject({
  upload_type: z.literal('init_response'),
  file_id: id,
  status: z.literal('initialized'),
  max_chunk_size: z.int().max(MAX_CHUNK_BYTES),
})

const progressed = z.strictObject({
  upload_type: z.literal('progress'),
  file_id: id,
  status: z.literal('uploading'),
  progress,
  uploaded_chunks: count,
  total_chunks: count,
})

/** To the others in the room. */
const progressCopy = z.strictObject({
  upload_type: z.literal('progress'),
  file_id: id,
  user_id: z.string(),
  file_name: z.string(),
  progress,
})

const stored = {
  upload_type: z.literal('completed'),
  file_id: id,
  file_url: z.string(),
  file_name: z.string(),
  file_size: count,
  mime_type: z.string(),
}

const completed = z.strictObject({
  ...stored,
  status: z.literal('completed'),
  checksum: z.string(),
  /** Seconds. */
  upload_time: z.number().min(0),
})

/** To the others in the room. */
const completedCopy = z.strictObject({ ...stored, user_id: z.string() })

const cancelled = z.strictObject({
  upload_type: z.literal('cancelled'),
  file_id: id,
  status: z.literal('cancelled'),
})

const failed = z.strictObject({
  upload_type: z.literal('error'),
  file_id: z.string().nullable(),
  status: z.literal('failed'),
  error: z.string(),
})

export const uploadInitializedFrame = frameDown('file_upload', initialized)
export type UploadInitializedFrame = z.infer<typeof uploadInitializedFrame>
export const uploadProgressFrame = frameDown('file_upload', progressed)
export type UploadProgressFrame = z.infer<typeof uploadProgressFrame>
export const uploadProgressCopyFrame = frameDown('file_upload', progressCopy)
export type UploadProgressCopyFrame = z.infer<typeof uploadProgressCopyFrame>
export const uploadCompletedFrame = frameDown('file_upload', completed)
export type UploadCompletedFrame = z.infer<typeof uploadCompletedFrame>
export const uploadCompletedCopyFrame = frameDown('file_upload', completedCopy)
export type UploadCompletedCopyFrame = z.infer<typeof uploadCompletedCopyFrame>
export const uploadCancelledFrame = frameDown('file_upload', cancelled)
export type UploadCancelledFrame = z.infer<typeof uploadCancelledFrame>
export const uploadFailedFrame = frameDown('file_upload', failed)
export type UploadFailedFrame = z.infer<typeof uploadFailedFrame>
