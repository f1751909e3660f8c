import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { StorageFull } from '../../src/core/ports/files.ts'
import { openFiles } from '../../src/files/disk.ts'
import { bytesOf, fileStoreContract, someId, stored } from '../contracts/files.ts'
import { needs } from '../needs.ts'
import { folder } from '../system/folder.ts'

const inside = (directory: string) => openFiles({ directory, temporary: join(directory, 'temp') })

fileStoreContract('the disk, pieces inside', () => inside(folder()))
fileStoreContract('the disk, pieces elsewhere', () => openFiles({ directory: folder(), temporary: folder() }))
fileStoreContract('the disk, one folder for both', () => {
  const directory = folder()
  return openFiles({ directory, temporary: directory })
})

test('[FILE-5] makes no folder before it is needed, and opens them to nobody else', async () => {
  const directory = join(folder(), 'deep', 'uploads')
  const files = inside(directory)
  expect(await files.kept()).toEqual({ uploads: [], files: [] })
  expect(existsSync(directory)).toBe(false)
  const id = await stored(files, [Buffer.from('x')])
  const path = join(directory, id.slice(0, 2), id)
  expect([statSync(directory).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600])
})

test('[FILE-6] what a crash left half written counts for nothing and goes with the rest', async () => {
  const directory = folder()
  const files = inside(directory)
  const id = someId()
  await files.putChunk(id, 0, Buffer.from('x'))
  writeFileSync(join(directory, 'temp', id, '1.7.part'), 'half')
  mkdirSync(join(directory, id.slice(0, 2)))
  writeFileSync(join(directory, id.slice(0, 2), `${id}.part`), 'half')
  expect([...(await files.chunks(id))]).toEqual([[0, 1]])
  await expect(files.assemble(id, 2)).rejects.toThrow()
  writeFileSync(join(directory, id.slice(0, 2), `${id}.part`), 'half')
  expect(await files.kept()).toEqual({ uploads: [id], files: [id] })
  await files.dropChunks(id)
  await files.dropFile(id)
  expect(await files.kept()).toEqual({ uploads: [], files: [] })
})

test('[FILE-6] leaves alone what is not its own', async () => {
  const directory = folder()
  const files = inside(directory)
  writeFileSync(join(directory, 'readme.txt'), 'x')
  mkdirSync(join(directory, 'ab'))
  writeFileSync(join(directory, 'ab', 'notes'), 'x')
  expect(await files.kept()).toEqual({ uploads: [], files: [] })
})

/** What a descriptor of this process is of; nothing for one that was closed meanwhile. */
function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

test('[FILE-7] a file is opened when it is read, and not held when nobody wants the rest', async () => {
  const directory = folder()
  const files = inside(directory)
  const id = await stored(files, [Buffer.alloc(600_000)])
  // Of this folder alone: other tests share the process.
  const open = () => readdirSync('/proc/self/fd').filter(fd => targetOf(fd).startsWith(directory)).length
  const readers = Array.from({ length: 5 }, () => files.read(id).getReader())
  expect(open()).toBe(0)
  for (const reader of readers) expect((await reader.read()).done).toBe(false)
  expect(open()).toBe(5)
  for (const reader of readers) await reader.cancel()
  expect(open()).toBe(0)
})

test('[FILE-8] a fault of the disk that is not fullness is no StorageFull', async () => {
  const directory = folder()
  writeFileSync(join(directory, 'temp'), 'a file in the way')
  await expect(inside(directory).putChunk(someId(), 0, Buffer.from('x'))).rejects.not.toBeInstanceOf(StorageFull)
})

test('[FILE-8] a full disk is told as such; nothing of the piece counts, what was there stays, and later it goes on', async () => {
  const directory = folder()
  const files = inside(directory)
  const id = await stored(files, [Buffer.from('before')])
  // The second thing it writes goes to a device that is always full.
  symlinkSync('/dev/full', join(directory, 'temp', id, '0.2.part'))
  await expect(files.putChunk(id, 0, Buffer.from('after'))).rejects.toBeInstanceOf(StorageFull)
  expect(readdirSync(join(directory, 'temp', id))).toEqual(['0'])
  symlinkSync('/dev/full', join(directory, id.slice(0, 2), `${id}.part`))
  await expect(files.assemble(id, 1)).rejects.toBeInstanceOf(StorageFull)
  expect((await bytesOf(files, id)).toString()).toBe('before')
  await files.putChunk(id, 0, Buffer.from('after'))
  await files.assemble(id, 1)
  expect((await bytesOf(files, id)).toString()).toBe('after')
})

needs('strace')(
  '[FILE-9] a file has its name after its bytes are on the disk, and counts after its name is',
  async () => {
    const directory = folder()
    const [trace, id] = [join(folder(), 'trace'), someId()]
    const module = fileURLToPath(new URL('../../src/files/disk.ts', import.meta.url))
    const script = `import { openFiles } from ${JSON.stringify(module)}
    const files = openFiles({ directory: ${JSON.stringify(directory)}, temporary: ${JSON.stringify(join(directory, 'temp'))} })
    await files.putChunk('${id}', 0, Buffer.from('the bytes'))
    process.stdout.write('piece')
    await files.assemble('${id}', 1)
    process.stdout.write('file')`
    const node = [process.execPath, '--input-type=module', '--eval', script]
    const calls = 'trace=write,pwrite64,fsync,rename,mkdir'
    const run = spawnSync('strace', ['-f', '-y', '-e', calls, '-o', trace, ...node], { encoding: 'utf8' })
    expect([run.stdout, run.status]).toEqual(['piecefile', 0])
    const [piece, file] = [join('temp', id, '0'), join(id.slice(0, 2), id)]
    const lines = readFileSync(trace, 'utf8').split('\n')
    /** Lines in which a call began and ended: it has two where another thread's came between. */
    const call = (what: RegExp): [number, number] => {
      const begin = lines.findIndex(line => what.test(line))
      const [thread = ''] = lines[begin]?.split(' ', 1) ?? []
      if (!lines[begin]?.includes('<unfinished')) return [begin, begin]
      return [begin, lines.findIndex((line, at) => at > begin && line.startsWith(thread) && line.includes('resumed>'))]
    }
    for (const [path, told] of [
      [piece, 'piece'],
      [file, 'file'],
    ] as const) {
      const calls = [
        call(new RegExp(`write(64)?\\(\\d+<[^>]*${path}[^>]*>, "the bytes"`)),
        call(new RegExp(`fsync\\(\\d+<[^>]*${path}[^>]*part>`)),
        call(new RegExp(`rename\\("[^"]*${path}[^"]*part", "[^"]*${path}"`)),
        call(new RegExp(`fsync\\(\\d+<[^>]*${dirname(path)}>`)),
        call(new RegExp(`write\\(1<[^>]*>, "${told}"`)),
      ]
      for (const [index, [begin]] of calls.entries())
        expect(begin, `${index}\n${lines.join('\n')}`).toBeGreaterThan(calls[index - 1]?.[1] ?? -1)
    }
  },
)
