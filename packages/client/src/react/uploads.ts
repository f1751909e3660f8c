import { useEffect, useMemo } from 'react'
import type { Bytes, ChatError, Room, UploadedFile, UploadOptions } from '../chat/index.ts'
import { NONE, useKept, useStore } from './store.ts'

/** A file on its way, or after it. `sent` and `total` are bytes. */
export type Upload = { readonly id: number; readonly name: string } & (
  | { readonly state: 'uploading'; readonly sent: number; readonly total: number }
  | { readonly state: 'stored'; readonly file: UploadedFile }
  | { readonly state: 'failed'; readonly error: ChatError }
)

export interface Uploads {
  /** In the order in which they were begun. */
  readonly uploads: readonly Upload[]
  /** Sends a file of at most 50 MB. Rejects with ChatError, which `uploads` shows, too. */
  readonly upload: (bytes: Bytes, options: Pick<UploadOptions, 'name' | 'mimeType'>) => Promise<UploadedFile>
  /** Takes one off the list; one that is on its way is taken back. */
  readonly remove: (id: number) => void
}

/** Files that this component sends to a room. Those on their way when it goes are taken back. */
export function useUpload(room: Room): Uploads {
  const transfers = useKept(room, made => new Transfers(made))
  const { subscribe, read, upload, remove } = transfers
  const uploads = useStore({ subscribe, read, server: NONE })
  useEffect(() => () => transfers.end(), [transfers])
  return useMemo(() => ({ uploads, upload, remove }), [uploads, upload, remove])
}

class Transfers {
  readonly #room: Room
  readonly #listeners = new Set<() => void>()
  readonly #stops = new Map<number, AbortController>()
  #uploads: readonly Upload[] = []
  #ids = 0

  constructor(room: Room) {
    this.#room = room
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const own = () => listener()
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  readonly read = (): readonly Upload[] => this.#uploads

  readonly upload: Uploads['upload'] = (bytes, options) => {
    const sending = this.#send(bytes, options)
    sending.catch(() => {})
    return sending
  }

  readonly remove = (id: number): void => {
    this.#stops.get(id)?.abort()
    this.#set(this.#uploads.filter(upload => upload.id !== id))
  }

  end(): void {
    for (const stop of this.#stops.values()) stop.abort()
  }

  async #send(bytes: Bytes, options: Pick<UploadOptions, 'name' | 'mimeType'>): Promise<UploadedFile> {
    const id = this.#ids++
    const { name } = options
    const stop = new AbortController()
    this.#stops.set(id, stop)
    const total = bytes instanceof Blob ? bytes.size : bytes.byteLength
    this.#set([...this.#uploads, { id, name, state: 'uploading', sent: 0, total }])
    try {
      const onProgress = (progress: { readonly sent: number; readonly total: number }) =>
        this.#replace({ id, name, state: 'uploading', ...progress })
      const file = await this.#room.upload(bytes, { ...options, signal: stop.signal, onProgress })
      this.#replace({ id, name, state: 'stored', file })
      return file
    } catch (error) {
      // Methods of rooms reject with ChatError.
      this.#replace({ id, name, state: 'failed', error: error as ChatError })
      throw error
    } finally {
      this.#stops.delete(id)
    }
  }

  #replace(upload: Upload): void {
    this.#set(this.#uploads.map(known => (known.id === upload.id ? upload : known)))
  }

  #set(uploads: readonly Upload[]): void {
    this.#uploads = uploads
    for (const listener of [...this.#listeners]) listener()
  }
}
