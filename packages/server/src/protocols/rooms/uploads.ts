import { UPLOAD_TEXTS } from '@parley/protocol/rooms/limits'
import {
  type FileUploadFrame,
  type UploadCancelledFrame,
  type UploadCompletedFrame,
  type UploadInitializedFrame,
  type UploadProgressFrame,
  uploads,
} from '@parley/protocol/rooms/uploads'
import { z } from 'zod'
import type { CommandOf, CommandType, ResultOf } from '../../core/core.ts'
import type { RoomRef } from '../../core/places.ts'
import type { Refusal } from '../../core/refusals.ts'
import { type Ask, ask, type Decoded } from '../view.ts'
import type { About } from './answers.ts'
import { refOf } from './level2/shapes.ts'
import { firstIssue } from './reading.ts'
import { frame, text } from './shapes.ts'
import { words } from './words.ts'

const compiled = {
  init: z.compile(uploads.init),
  chunk: z.compile(uploads.chunk),
  finalize: z.compile(uploads.finalize),
  cancel: z.compile(uploads.cancel),
}

/** What a `file_upload` frame means. */
export function decodeUpload({ data, room_id, message_id }: FileUploadFrame): Decoded {
  const about = { id: message_id ?? null, room: room_id ?? null }
  const type = data.upload_type ?? 'chunk'
  switch (type) {
    case 'init':
      return decodeInit(data, about)
    case 'chunk':
      return decodeChunk(data, about)
    case 'finalize':
      return decodeFinalize(data, about)
    case 'cancel':
      return decodeCancel(data, about)
    default:
      return failedNow(UPLOAD_TEXTS.unknownType, data, about)
  }
}

function decodeInit(data: object, about: About): Decoded {
  const read = compiled.init.safeParse(data)
  if (!read.success) return failedNow(firstIssue(read.error), data, about)
  const { file_name: name, file_size: size, mime_type: mimeType } = read.data
  const command = { type: 'upload.begin', name, size, mimeType, room: roomOf(about) } as const
  return upload(command, null, about, ({ upload, chunkMax }) => {
    const answer: UploadInitializedFrame['data'] = {
      upload_type: 'init_response',
      file_id: upload.id,
      status: 'initialized',
      max_chunk_size: chunkMax,
    }
    return answer
  })
}

function decodeChunk(data: object, about: About): Decoded {
  const read = compiled.chunk.safeParse(data)
  if (!read.success) return failedNow(`${UPLOAD_TEXTS.chunkInvalid}: ${firstIssue(read.error)}`, data, about)
  const { file_id: id, chunk_index: index, total_chunks: total, chunk_data } = read.data
  if (!isBase64(chunk_data)) return failedNow(`${UPLOAD_TEXTS.chunkInvalid}: not base64`, data, about)
  const bytes = Buffer.from(chunk_data, 'base64')
  const asked = upload({ type: 'upload.put', id, index, total, bytes, room: roomOf(about) }, id, about, put => {
    const answer: UploadProgressFrame['data'] = {
      upload_type: 'progress',
      file_id: id.toLowerCase(),
      status: 'uploading',
      progress: put.received / put.total,
      uploaded_chunks: put.received,
      total_chunks: put.total,
    }
    return answer
  })
  return { ...asked, weight: bytes.length, isFree: true }
}

function decodeFinalize(data: object, about: About): Decoded {
  const read = compiled.finalize.safeParse(data)
  if (!read.success) return failedNow(firstIssue(read.error), data, about)
  const { file_id: id, checksum } = read.data
  const command = { type: 'upload.finish', id, room: roomOf(about), checksum: checksum ?? null } as const
  return upload(command, id, about, ({ file, seconds }) => {
    const answer: UploadCompletedFrame['data'] = {
      upload_type: 'completed',
      file_id: file.id,
      status: 'completed',
      file_url: `/api/v1/files/${file.id}`,
      file_name: file.name,
      file_size: file.size,
      mime_type: file.mimeType,
      checksum: file.checksum,
      upload_time: seconds,
    }
    return answer
  })
}

function decodeCancel(data: object, about: About): Decoded {
  const read = compiled.cancel.safeParse(data)
  if (!read.success) return failedNow(firstIssue(read.error), data, about)
  return upload({ type: 'upload.cancel', id: read.data.file_id }, read.data.file_id, about, ({ id }) => {
    const answer: UploadCancelledFrame['data'] = { upload_type: 'cancelled', file_id: id, status: 'cancelled' }
    return answer
  })
}

const roomOf = ({ room }: About): RoomRef | null => (room === null ? null : refOf(room))

const upload = <T extends CommandType>(
  command: CommandOf<T>,
  file: string | null,
  about: About,
  answer: (result: ResultOf<T>) => object,
): Ask =>
  ask(
    command,
    result => frame('file_upload', answer(result), { at: Date.now(), ...about }),
    refusal => failedText(wordsFor(refusal), file, about),
  )

const wordsFor = (refusal: Refusal): string =>
  refusal.code === 'internal' || refusal.code === 'storage_failed'
    ? `${UPLOAD_TEXTS.failed}: the server could not store it`
    : words(refusal)

function failedNow(error: string, data: object, about: About): Decoded {
  const file = 'file_id' in data && typeof data.file_id === 'string' ? data.file_id.slice(0, 64).toWellFormed() : null
  return { state: 'reject', code: 'upload_invalid', text: failedText(error, file, about) }
}

const failedText = (error: string, file: string | null, about: About): string =>
  text('file_upload', { upload_type: 'error', file_id: file, status: 'failed', error }, { at: Date.now(), ...about })

const isBase64 = (value: string): boolean => value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
