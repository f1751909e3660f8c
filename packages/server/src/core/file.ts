import type { FileId, RoomId, UserId } from './ids.ts'

/** Pieces of one upload. */
export const PIECES_MAX = 10_000

/** A file that is being sent in pieces. */
export interface Upload {
  readonly id: FileId
  readonly owner: UserId
  /** The room it was announced for; null for none. */
  readonly room: RoomId | null
  readonly name: string
  /** Bytes that were announced. */
  readonly size: number
  /** As the client said. */
  readonly mimeType: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

/** A file that is there for good. */
export interface StoredFile {
  readonly id: FileId
  readonly owner: UserId
  readonly room: RoomId | null
  readonly name: string
  readonly size: number
  /** As the client said. */
  readonly mimeType: string
  /** What its first bytes look like; decides how it is served. Null for what is not known. */
  readonly sniffed: string | null
  /** SHA-256, lowercase hex. */
  readonly checksum: string
  /** Milliseconds since 1970. */
  readonly storedAt: number
}
