import type { FileId, UserId } from './ids.ts'
import type { FileStore } from './ports/files.ts'
import { Turns } from './turns.ts'

/** Uploads whose pieces are known here at one time. Of others the file store is asked again. */
const KNOWN_MAX = 256
/** Commands that may wait for their turn with one upload. */
const WAITING_MAX = 64

/** What came of an upload so far. */
export class Pieces {
  readonly #sizes: Map<number, number>
  #bytes = 0
  /** How many there will be, as the client said last; undefined before it said so to this process. */
  total: number | undefined
  /** How far its room was told that it is, in hundredths. */
  told = 0

  constructor(sizes: ReadonlyMap<number, number>) {
    this.#sizes = new Map(sizes)
    for (const size of sizes.values()) this.#bytes += size
  }

  /** Bytes of all of them, if `index` had `size`. */
  bytesWith(index: number, size: number): number {
    return this.#bytes + size - (this.#sizes.get(index) ?? 0)
  }

  put(index: number, size: number): void {
    this.#bytes = this.bytesWith(index, size)
    this.#sizes.set(index, size)
  }

  /** How many of the first `count` are there, and their bytes. */
  first(count: number): { readonly received: number; readonly bytes: number } {
    let [received, bytes] = [0, 0]
    for (const [index, size] of this.#sizes) {
      if (index >= count) continue
      received++
      bytes += size
    }
    return { received, bytes }
  }

  /** As many as there must be at least: one more than the highest index. */
  get least(): number {
    let least = 0
    for (const index of this.#sizes.keys()) least = Math.max(least, index + 1)
    return least
  }
}

/**
 * Uploads that are going on in this process: one command at a time for each, whoever sends it. Everything in here can be lost;
 * what counts is in the store and the file store.
 */
export class Transfers {
  readonly #files: FileStore
  readonly #turns = new Turns<FileId>(WAITING_MAX)
  readonly #pieces = new Map<FileId, Pieces>()
  readonly #seconds = new Map<FileId, number>()
  readonly #open = new Map<UserId, Set<FileId>>()

  constructor(files: FileStore) {
    this.#files = files
  }

  /** One command at a time for each upload. Refuses busy where too much waits. */
  inTurn<T>(id: FileId, work: () => Promise<T>): Promise<T> {
    return this.#turns.take(id, work)
  }

  /** What came of an upload. To be asked for in its turn. */
  async pieces(id: FileId): Promise<Pieces> {
    const pieces = this.#pieces.get(id) ?? new Pieces(await this.#files.chunks(id))
    // Whoever was used last is forgotten last.
    this.#pieces.delete(id)
    remember(this.#pieces, id, pieces)
    return pieces
  }

  /** Counts an upload as going on. */
  begun(owner: UserId, id: FileId): void {
    const open = this.#open.get(owner) ?? new Set()
    this.#open.set(owner, open.add(id))
  }

  /** An upload is over. `seconds` is what it took, where it became a file. */
  ended(owner: UserId, id: FileId, seconds?: number): void {
    this.#pieces.delete(id)
    if (seconds !== undefined) remember(this.#seconds, id, seconds)
    const open = this.#open.get(owner)
    open?.delete(id)
    if (open?.size === 0) this.#open.delete(owner)
  }

  /** Uploads that the user began here and that are not over, as far as this process was told. */
  openOf(owner: UserId): readonly FileId[] {
    return [...(this.#open.get(owner) ?? [])]
  }

  /** What an upload that became a file took; 0 where that is forgotten. */
  secondsOf(id: FileId): number {
    return this.#seconds.get(id) ?? 0
  }
}

function remember<V>(map: Map<FileId, V>, id: FileId, value: V): void {
  map.set(id, value)
  if (map.size <= KNOWN_MAX) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
