import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { claimDataDir, openDataDir } from '../../src/system/data-dir.ts'
import { folder } from './folder.ts'

test('[OPS-10] a data directory is made with its parents, for its owner alone', () => {
  const directory = join(folder(), 'a', 'b')
  openDataDir(directory)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  openDataDir(directory)
})

test('[OPS-10] a path that is a file is refused in plain words', () => {
  const file = join(folder(), 'file')
  writeFileSync(file, '')
  expect(() => openDataDir(file)).toThrow(`DATA_DIR ${file} can't be used: it is a file. Set DATA_DIR to a directory.`)
  expect(() => openDataDir(join(file, 'below'))).toThrow(/a part of its path is a file/)
})

test('[OPS-11] a second claim is refused and names the owner; it succeeds once the first is given back', () => {
  const directory = folder()
  const claim = claimDataDir(directory)
  expect(() => claimDataDir(directory)).toThrow(
    `DATA_DIR ${directory} is in use by another Parley server (process ${process.pid})`,
  )
  claim.release()
  claimDataDir(directory).release()
})

test('[OPS-11] the claim of a process that was killed is gone with it', async () => {
  const directory = folder()
  const module = fileURLToPath(new URL('../../src/system/data-dir.ts', import.meta.url))
  const script = `import { claimDataDir } from ${JSON.stringify(module)}
    globalThis.claim = claimDataDir(${JSON.stringify(directory)}) // garbage gives its lock back
    process.stdout.write('claimed')
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script])
  onTestFinished(() => void holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  expect(() => claimDataDir(directory)).toThrow(`(process ${holder.pid})`)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  claimDataDir(directory).release()
})
