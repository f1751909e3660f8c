import { createWriteStream, openAsBlob } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type AddedFile, type ChatClient, ChatError, type Room } from '@parley/client/chat'
import type { Happening } from './happening.ts'

/** Files on their way. Both methods resolve once that is over, and reject with what went wrong. */
export interface Transfers {
  upload(room: Room, path: string): Promise<void>
  /** Saves a file that was offered as `name`; in the folder `path`, or as it, or here. Overwrites nothing. */
  download(name: string, path: string | undefined): Promise<void>
  /** A file that can be downloaded by its name or id. */
  offer(file: AddedFile): void
  /** Stops all. Whether there were any. */
  stop(): boolean
}

type Tell = (happening: Happening) => void

export function createTransfers(client: ChatClient, http: string, tell: Tell): Transfers {
  const offered = new Map<string, AddedFile>()
  const under = new Set<AbortController>()

  async function track(
    direction: 'upload' | 'download',
    name: string,
    work: (signal: AbortSignal, progress: (done: number, total: number) => void) => Promise<string>,
  ): Promise<void> {
    const stop = new AbortController()
    under.add(stop)
    try {
      const where = await work(stop.signal, (done, total) => tell({ type: 'transfer', direction, name, done, total }))
      tell({ type: 'transferred', direction, name, outcome: 'done', where })
    } catch (error) {
      const outcome = stop.signal.aborted ? 'cancelled' : 'failed'
      tell({ type: 'transferred', direction, name, outcome, where: null })
      if (outcome === 'failed') throw error
    } finally {
      under.delete(stop)
    }
  }

  return {
    upload(room, path) {
      const name = basename(path)
      return track('upload', name, async (signal, progress) => {
        const file = await openAsBlob(path).catch(unreadable)
        progress(0, file.size)
        const onProgress = ({ sent, total }: { sent: number; total: number }) => progress(sent, total)
        return (await room.upload(file, { name, signal, onProgress })).file_id
      })
    },
    download(name, path) {
      return track('download', name, async (signal, progress) => {
        const known = offered.get(name)
        const { url } = await client.fileLink(known?.file_id ?? name)
        const response = await fetch(new URL(url, http), { signal, redirect: 'error' })
        if (!response.ok || !response.body) throw new ChatError('NOT_FOUND', `The server answered ${response.status}`)
        const target = await targetOf(path, basename(known?.file_name ?? name))
        const total = Number(response.headers.get('content-length') ?? known?.file_size ?? 0)
        await save(Readable.fromWeb(response.body), target, signal, done => progress(done, total))
        return target
      })
    },
    offer(file) {
      offered.set(file.file_id, file)
      offered.set(file.file_name, file)
    },
    stop() {
      const any = under.size > 0
      for (const one of under) one.abort()
      return any
    },
  }
}

function unreadable(error: unknown): never {
  throw new ChatError('FILE_UNREADABLE', error instanceof Error ? error.message : String(error))
}

/** Where to save: never outside of where it was asked for, whatever the file is called. */
async function targetOf(path: string | undefined, name: string): Promise<string> {
  // A name of somebody else becomes a name of a file here.
  const own = name.replace(/[\p{Cc}\p{Cf}/\\]/gu, '_').replace(/^\.+/, '_') || 'file'
  const target = path === undefined ? own : (await isFolder(path)) ? join(path, own) : path
  if (await exists(target)) throw new ChatError('FILE_EXISTS', `There is a file ${target} already`)
  return target
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** The file has its name once all of it is there. */
async function save(source: Readable, target: string, signal: AbortSignal, progress: (done: number) => void) {
  const part = `${target}.part`
  let done = 0
  source.on('data', (chunk: Uint8Array) => {
    done += chunk.length
    progress(done)
  })
  source.pause()
  try {
    await pipeline(source, createWriteStream(part, { flags: 'wx' }), { signal })
    await rename(part, target)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
