import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { openings } from '../../src/start/welcome.ts'
import { folder } from '../system/folder.ts'
import { until } from '../world.ts'
import { run, start } from './server.ts'

const ID = '0b0a1f3e-6a53-4c7e-9d0a-3a0f5c1f2b44'

test('[FILE-60] the start sweeps bytes away that belong to nothing, where the settings say files are', async () => {
  const [DATA_DIR, elsewhere] = [folder(), folder()]
  const [piece, file] = [join(DATA_DIR, 'pieces', ID, '0'), join(elsewhere, '0b', ID)]
  for (const path of [piece, file]) {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, 'x')
  }
  const server = await start({ DATA_DIR, UPLOAD_DIR: elsewhere, TEMP_DIR: 'pieces' })
  await until(() => !existsSync(piece) && !existsSync(file))
  await server.stop()
})

test('[FILE-62] a database does not sweep the files of another one', async () => {
  const UPLOAD_DIR = folder()
  const DATA_DIR = folder()
  await (await start({ DATA_DIR, UPLOAD_DIR })).stop()
  const { code, errors } = await run({ DATA_DIR: folder(), UPLOAD_DIR })
  expect([code, errors]).toEqual([1, expect.stringContaining(`UPLOAD_DIR ${UPLOAD_DIR} holds the files of another`)])
  await (await start({ DATA_DIR, UPLOAD_DIR })).stop()
})

test('[OPS-30] a place for files that is none ends the start', async () => {
  const file = join(folder(), 'file')
  writeFileSync(file, '')
  for (const name of ['UPLOAD_DIR', 'TEMP_DIR']) {
    const { code, errors } = await run({ DATA_DIR: folder(), [name]: file })
    expect([code, errors]).toEqual([
      1,
      `Parley can't start.\n${name} ${file} can't be used: it is a file. Set ${name} to a directory.\n`,
    ])
  }
})

test.each([
  [{}, false],
  [{ HOST: '::1' }, false],
  [{ HOST: '0.0.0.0' }, true],
  [{ PUBLIC_URL: 'https://chat.example.org' }, true],
  [{ TRUST_PROXY: 'loopback' }, true],
  [{ HOST: '0.0.0.0', VIRUS_SCAN_ENABLED: 'true' }, false],
])('[OPS-39] files that nobody looks at are told of where others than this machine send some: %j', (given, told) => {
  expect(openings(readSettings(given)).join()).toMatch(told ? /viruses/ : /^$/)
})
