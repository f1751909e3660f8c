import type { FileId } from '../ids.ts'

/**
 * Keeps the bytes of uploads and files. What counts is the store's row: bytes without one are swept away, and a row is
 * written only after the bytes of its file are synced to disk.
 */
export interface FileStore {
  /**
   * Keeps one piece of an upload, whole or not at all; a piece with the same index is replaced. Resolves after it is on disk, so
   * that a crash later loses none. Rejects with StorageFull when there is no room.
   */
  putChunk(upload: FileId, index: number, bytes: Uint8Array): Promise<void>
  /** Sizes of the pieces that are there, by index. */
  chunks(upload: FileId): Promise<ReadonlyMap<number, number>>
  /**
   * Joins pieces 0 to `count` - 1 to the file with the upload's id, synced with its directory, without holding it in memory.
   * The pieces stay. Repeating it is harmless. Rejects with StorageFull.
   */
  assemble(upload: FileId, count: number): Promise<Assembled>
  /** Bytes of a file from `start` on, up to and with `end`. */
  read(file: FileId, range?: { readonly start: number; readonly end: number }): ReadableStream<Uint8Array>
  /** Throws away the pieces of an upload. */
  dropChunks(upload: FileId): Promise<void>
  dropFile(file: FileId): Promise<void>
  /** Ids of everything there are pieces or bytes of. */
  kept(): Promise<{ readonly uploads: readonly FileId[]; readonly files: readonly FileId[] }>
}

/** A file that was put together. */
export interface Assembled {
  readonly size: number
  /** SHA-256, lowercase hex. */
  readonly checksum: string
  /** Its first 4,100 bytes, for whoever looks what kind of file it is. */
  readonly head: Uint8Array
}

/** There is no place left for the bytes. */
export class StorageFull extends Error {
  constructor(cause?: unknown) {
    super('There is no space left for files', { cause })
    this.name = 'StorageFull'
  }
}

/**
 * - `clean`: looked at whole, nothing found.
 * - `infected`: something was found.
 * - `unsure`: it could not be looked at whole: the scanner is down, slow, out of its limits or said something unknown.
 */
export type Verdict =
  | { readonly state: 'clean' }
  | { readonly state: 'infected'; readonly signature: string }
  | { readonly state: 'unsure'; readonly why: string }

export interface VirusScanner {
  /** Looks at a stream of bytes. Never rejects; only `clean` lets a file pass. */
  scan(bytes: ReadableStream<Uint8Array>): Promise<Verdict>
}
