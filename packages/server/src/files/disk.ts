import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FileId, fileId } from '../core/ids.ts'
import { type Assembled, type FileStore, StorageFull } from '../core/ports/files.ts'
import { readBytes } from './reading.ts'

export interface DiskOptions {
  /** Where files are, in 256 folders by the first two digits of their ids. */
  readonly directory: string
  /** Where pieces are, in a folder for each upload. May be inside the other. */
  readonly temporary: string
}

const HEAD = 4_100
/** Follows the name of what is being written. What is left of it counts for nothing. */
const PART = '.part'

/** Files on the disk of this machine. Folders are made when they are needed. */
export function openFiles({ directory, temporary }: DiskOptions): FileStore {
  const folderOf = (upload: FileId) => join(temporary, upload)
  const pathOf = (file: FileId) => join(directory, file.slice(0, 2), file)
  let written = 0
  return {
    putChunk: (upload, index, bytes) =>
      unlessFull(() => {
        const path = join(folderOf(upload), String(index))
        // Two at once must not write to one file: the later whole one counts.
        return writeWhole(path, `${path}.${++written}${PART}`, handle => handle.writeFile(bytes))
      }),
    chunks: upload => sizesIn(folderOf(upload)),
    assemble: (upload, count) => unlessFull(() => assemble(folderOf(upload), count, pathOf(upload))),
    read: (file, range) => readBytes(pathOf(file), range),
    dropChunks: upload => rm(folderOf(upload), { recursive: true, force: true }),
    async dropFile(file) {
      await rm(pathOf(file), { force: true })
      await rm(pathOf(file) + PART, { force: true })
    },
    kept: async () => ({ uploads: await idsIn(temporary, 'folder'), files: await filesIn(directory) }),
  }
}

/** Writes by `fill` to `part`, and calls it `path` once it is on the disk. After a failure nothing of it is left. */
async function writeWhole<T>(path: string, part: string, fill: (handle: FileHandle) => Promise<T>): Promise<T> {
  await makeFolder(dirname(path))
  try {
    const filled = await writeSynced(part, fill)
    await rename(part, path)
    await syncFolder(dirname(path))
    return filled
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

async function writeSynced<T>(path: string, fill: (handle: FileHandle) => Promise<T>): Promise<T> {
  await using handle = await open(path, 'w', 0o600)
  const filled = await fill(handle)
  await handle.sync()
  return filled
}

/** One piece is in memory at a time. */
function assemble(folder: string, count: number, path: string): Promise<Assembled> {
  return writeWhole(path, path + PART, async file => {
    const hash = createHash('sha256')
    const head: Uint8Array[] = []
    let size = 0
    for (let index = 0; index < count; index++) {
      const piece = await readFile(join(folder, String(index)))
      if (size < HEAD) head.push(piece.subarray(0, HEAD - size))
      size += piece.byteLength
      hash.update(piece)
      await file.writeFile(piece)
    }
    return { size, checksum: hash.digest('hex'), head: Buffer.concat(head) }
  })
}

/** Makes a folder and those above it, on the disk too, so that no crash takes away what is put in. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

async function syncFolder(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}

const isPiece = (name: string): boolean => /^\d{1,9}$/.test(name)

async function sizesIn(folder: string): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>()
  for (const { name } of await entriesOf(folder)) {
    if (isPiece(name)) sizes.set(Number(name), (await stat(join(folder, name))).size)
  }
  return sizes
}

/** Ids of the files or folders in a folder; also of a file that is not whole. Other names are nobody's business. */
async function idsIn(folder: string, kind: 'file' | 'folder'): Promise<readonly FileId[]> {
  const entries = await entriesOf(folder)
  const ids = entries
    .filter(entry => (kind === 'folder' ? entry.isDirectory() : entry.isFile()))
    .flatMap(({ name }) => fileId(name.endsWith(PART) ? name.slice(0, -PART.length) : name) ?? [])
  return [...new Set(ids)]
}

async function filesIn(directory: string): Promise<readonly FileId[]> {
  const folders = (await entriesOf(directory)).filter(entry => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name))
  const ids: FileId[] = []
  for (const { name } of folders) for (const id of await idsIn(join(directory, name), 'file')) ids.push(id)
  return ids
}

/** None where the folder was never made. */
async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/** Tells a full disk from what else may go wrong. */
async function unlessFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw FULL.has(codeOf(error)) ? new StorageFull(error) : error
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
