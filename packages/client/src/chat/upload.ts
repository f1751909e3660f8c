import { MAX_CHUNK_BYTES, MAX_FILE_BYTES, UPLOAD_TEXTS } from '@parley/protocol/rooms/limits'
import { type BackoffOptions, backoff } from '../backoff.ts'
import { type Bytes, base64, part, sha256, sizeOf } from '../bytes.ts'
import { type Clock, sleep } from '../clock.ts'
import type { UploadAnswer } from './asks.ts'
import { asChatError, ChatError } from './errors.ts'
import type { Requests } from './requests.ts'

export interface UploadOptions {
  /** The file's name. Its extension has to be one that the server takes. */
  readonly name: string
  /** Default: the blob's, else `application/octet-stream`. */
  readonly mimeType?: string | undefined
  /** Called after each part that the server has. */
  readonly onProgress?: ((progress: UploadProgress) => unknown) | undefined
  /** Takes the upload back. */
  readonly signal?: AbortSignal | undefined
}

export interface UploadProgress {
  /** Bytes that the server has, and all. */
  readonly sent: number
  readonly total: number
}

export interface UploadedFile {
  readonly file_id: string
  readonly file_name: string
  readonly file_size: number
  readonly mime_type: string
  readonly checksum: string
  /** Path on the server. */
  readonly file_url: string
}

export interface UploadHost {
  readonly requests: Pick<Requests, 'ask'>
  readonly clock: Clock
  readonly backoff: BackoffOptions
}

/** Parts under way at once. */
const WINDOW = 3
const ATTEMPTS = 5

/**
 * Sends a file in parts. Parts without an answer are sent again after a lost connection. Resolves once the file is stored;
 * rejects with ChatError: the server's refusal, or ABORTED.
 */
export async function upload(
  host: UploadHost,
  roomId: string,
  bytes: Bytes,
  options: UploadOptions,
): Promise<UploadedFile> {
  const { name, signal } = options
  const size = sizeOf(bytes)
  if (size > MAX_FILE_BYTES) throw new ChatError('FILE_TOO_LARGE', UPLOAD_TEXTS.tooLarge)
  const ask = (data: object) => accepted(persist(host, () => request(host, roomId, data, signal), signal))

  const blobType = bytes instanceof Blob ? bytes.type : ''
  const mime_type = options.mimeType ?? (blobType || 'application/octet-stream')
  const checksum = sha256(bytes)
  const { file_id, max_chunk_size } = await ask({ upload_type: 'init', file_name: name, file_size: size, mime_type })
  try {
    await sendParts(
      ask,
      bytes,
      { file_id, chunk: Math.min(max_chunk_size ?? MAX_CHUNK_BYTES, MAX_CHUNK_BYTES) },
      options,
    )
    const sum = await checksum
    return stored(await ask({ upload_type: 'finalize', file_id, ...(sum !== undefined && { checksum: sum }) }))
  } catch (error) {
    // Not waited for: the server forgets the upload by itself.
    request(host, roomId, { upload_type: 'cancel', file_id }).catch(() => {})
    throw error
  }
}

async function sendParts(
  ask: (data: object) => Promise<UploadAnswer>,
  bytes: Bytes,
  { file_id, chunk }: { readonly file_id: string | null; readonly chunk: number },
  { onProgress }: UploadOptions,
): Promise<void> {
  const total = sizeOf(bytes)
  const total_chunks = Math.max(Math.ceil(total / chunk), 1)
  let next = 0
  let sent = 0
  const sender = async () => {
    while (next < total_chunks) {
      const chunk_index = next++
      const piece = await part(bytes, chunk_index * chunk, (chunk_index + 1) * chunk)
      await ask({ upload_type: 'chunk', file_id, chunk_index, total_chunks, chunk_data: base64(piece) })
      sent += piece.length
      onProgress?.({ sent, total })
    }
  }
  const stop = (error: unknown) => {
    next = total_chunks
    throw error
  }
  await Promise.all(Array.from({ length: WINDOW }, () => sender().catch(stop)))
}

const request = (host: UploadHost, roomId: string, data: object, signal?: AbortSignal) =>
  host.requests.ask('file_upload', data, { roomId, wait: 'patient', signal })

/** What the server refuses it refuses again. */
async function accepted(answer: Promise<UploadAnswer>): Promise<UploadAnswer> {
  const got = await answer
  if (got.upload_type === 'error') throw refusalOf(got.error ?? 'Upload failed')
  return got
}

/** Asks again where that helps. */
async function persist<T>(host: UploadHost, ask: () => Promise<T>, signal = new AbortController().signal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask()
    } catch (thrown) {
      const error = asChatError(thrown, 'UNREACHABLE')
      if (!error.retryable || attempt >= ATTEMPTS) throw error
      await sleep(host.clock, error.wait ?? backoff(host.backoff, attempt, host.clock.random()), signal).catch(
        reason => {
          throw new ChatError('ABORTED', 'It was called off', { cause: reason })
        },
      )
    }
  }
}

/** The frame has words alone; what begins them names the code. */
const UPLOAD_CODES: Readonly<Record<keyof typeof UPLOAD_TEXTS, string>> = {
  tooLarge: 'FILE_TOO_LARGE',
  sizeInvalid: 'FILE_SIZE_INVALID',
  typeRefused: 'FILE_TYPE_REFUSED',
  chunkTooLarge: 'CHUNK_TOO_LARGE',
  chunkInvalid: 'CHUNK_INVALID',
  unknown: 'UPLOAD_UNKNOWN',
  missing: 'CHUNKS_MISSING',
  mismatch: 'SIZE_MISMATCH',
  checksum: 'CHECKSUM_WRONG',
  scan: 'SCAN_FAILED',
  unknownType: 'INVALID_TYPE',
  storage: 'STORAGE_INSUFFICIENT',
  failed: 'INTERNAL_ERROR',
}

function refusalOf(text: string): ChatError {
  const found = Object.entries(UPLOAD_TEXTS).find(([, beginning]) => text.startsWith(beginning))
  // The keys of one table are those of the other.
  return new ChatError(found ? UPLOAD_CODES[found[0] as keyof typeof UPLOAD_TEXTS] : 'UPLOAD_FAILED', text)
}

function stored(answer: UploadAnswer): UploadedFile {
  const { file_id, file_name, file_size, mime_type, checksum, file_url, upload_type } = answer
  if (upload_type !== 'completed' || !file_id)
    throw new ChatError('MALFORMED', 'The server did not say that the file is stored')
  return { file_id, file_name, file_size, mime_type, checksum, file_url } as UploadedFile // a `completed` frame has all of them
}
