import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { type FileId, newFileId } from '../../src/core/ids.ts'
import type { FileStore } from '../../src/core/ports/files.ts'
import { testIds } from '../world.ts'

export const someId = (): FileId => newFileId(testIds)

export const bytesOf = (store: FileStore, file: FileId, range?: { start: number; end: number }): Promise<Buffer> =>
  buffer(store.read(file, range))

/** Puts a file's pieces and joins them. */
export async function stored(files: FileStore, pieces: readonly Uint8Array[], id = someId()): Promise<FileId> {
  for (const [index, piece] of pieces.entries()) await files.putChunk(id, index, piece)
  await files.assemble(id, pieces.length)
  return id
}

/** What every file store promises. */
export function fileStoreContract(name: string, open: () => FileStore): void {
  describe(name, () => {
    test('[FILE-1] pieces come in any order, and the same index again replaces the first', async () => {
      const [files, id] = [open(), someId()]
      await files.putChunk(id, 2, Buffer.from('see'))
      await files.putChunk(id, 0, Buffer.from('wrong'))
      await files.putChunk(id, 1, Buffer.from('b'))
      await files.putChunk(id, 0, Buffer.from('a'))
      expect([...(await files.chunks(id))].toSorted()).toEqual([
        [0, 1],
        [1, 1],
        [2, 3],
      ])
      await files.assemble(id, 3)
      expect((await bytesOf(files, id)).toString()).toBe('absee')
    })

    test('[FILE-1] one piece written twice at once is one of the two, whole', async () => {
      const [files, id] = [open(), someId()]
      const two = [Buffer.alloc(100_000, 'x'), Buffer.alloc(70_000, 'y')]
      await Promise.all(two.map(bytes => files.putChunk(id, 0, bytes)))
      await files.assemble(id, 1)
      const read = await bytesOf(files, id)
      expect(two.some(bytes => bytes.equals(read))).toBe(true)
    })

    test('[FILE-2] joins exactly the pieces asked for, and tells size, checksum and beginning', async () => {
      const [files, id] = [open(), someId()]
      const pieces = Array.from({ length: 12 }, () => randomBytes(1_000))
      for (const [index, piece] of pieces.entries()) await files.putChunk(id, index, piece)
      const whole = Buffer.concat(pieces.slice(0, 11))
      const assembled = await files.assemble(id, 11)
      expect(assembled).toMatchObject({ size: 11_000, checksum: createHash('sha256').update(whole).digest('hex') })
      expect(Buffer.from(assembled.head)).toEqual(whole.subarray(0, 4_100))
      expect(await bytesOf(files, id)).toEqual(whole)
    })

    test('[FILE-2] joining again gives the same file; the pieces are still there', async () => {
      const files = open()
      const id = await stored(files, [Buffer.from('one'), Buffer.from('two')])
      expect(await files.assemble(id, 2)).toEqual(await files.assemble(id, 2))
      expect((await bytesOf(files, id)).toString()).toBe('onetwo')
      expect((await files.chunks(id)).size).toBe(2)
    })

    test('[FILE-2] without all pieces there is no file', async () => {
      const [files, id] = [open(), someId()]
      await files.putChunk(id, 0, Buffer.from('a'))
      await expect(files.assemble(id, 2)).rejects.toThrow()
      expect(await files.kept()).toEqual({ uploads: [id], files: [] })
      await expect(bytesOf(files, id)).rejects.toThrow()
    })

    test('[FILE-3] reads a part, both ends counted, of a file of many steps', async () => {
      const files = open()
      const whole = randomBytes(700_000)
      const id = await stored(files, [whole])
      expect(await bytesOf(files, id)).toEqual(whole)
      expect(await bytesOf(files, id, { start: 0, end: 0 })).toEqual(whole.subarray(0, 1))
      expect(await bytesOf(files, id, { start: 300_000, end: 699_999 })).toEqual(whole.subarray(300_000))
    })

    test('[FILE-3] a range past the end fails instead of ending early', async () => {
      const files = open()
      const id = await stored(files, [Buffer.from('short')])
      await expect(bytesOf(files, id, { start: 0, end: 5 })).rejects.toThrow('shorter')
    })

    test('[FILE-4] forgets pieces and files apart, and what is not there too', async () => {
      const files = open()
      const id = await stored(files, [Buffer.from('x')])
      expect(await files.kept()).toEqual({ uploads: [id], files: [id] })
      await files.dropChunks(id)
      expect([(await files.chunks(id)).size, (await bytesOf(files, id)).toString()]).toEqual([0, 'x'])
      expect(await files.kept()).toEqual({ uploads: [], files: [id] })
      await files.dropFile(id)
      await files.dropFile(id)
      await files.dropChunks(id)
      expect(await files.kept()).toEqual({ uploads: [], files: [] })
    })
  })
}
