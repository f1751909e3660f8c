import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OperatorFault } from '../../src/system/fault.ts'
import { openSecret } from '../../src/system/secret.ts'
import { folder } from './folder.ts'

const KEY = 'a secret key that is long enough to be one'

test('[OPS-12] the first start makes a secret that only its owner can read, and the next one finds it', () => {
  const directory = folder()
  const secret = openSecret(directory, null, false)
  expect(secret).toHaveLength(32)
  expect(openSecret(directory, null, true)).toEqual(secret)
  expect(statSync(join(directory, 'secret')).mode & 0o777).toBe(0o600)
  expect(readdirSync(directory).sort()).toEqual(['secret', 'secret.check'])
})

test('[OPS-12] no two data directories get the same secret', () => {
  expect(openSecret(folder(), null, false)).not.toEqual(openSecret(folder(), null, false))
})

test('[OPS-12] SECRET_KEY leaves no secret on the disk', () => {
  const directory = folder()
  expect(openSecret(directory, KEY, false)).toEqual(Buffer.from(KEY))
  expect(readdirSync(directory)).toEqual(['secret.check'])
  expect(readFileSync(join(directory, 'secret.check'), 'utf8')).toMatch(/^[0-9a-f]{16}\n$/)
})

test('[OPS-12] a secret that others can read is refused with the command that closes it', () => {
  const directory = folder()
  openSecret(directory, null, false)
  chmodSync(join(directory, 'secret'), 0o644)
  expect(() => openSecret(directory, null, true)).toThrow(`chmod 600 ${join(directory, 'secret')}`)
})

test('[OPS-12] a damaged secret is refused and not shown', () => {
  const directory = folder()
  openSecret(directory, null, false)
  writeFileSync(join(directory, 'secret'), 'deadbeef')
  const open = () => openSecret(directory, null, true)
  expect(open).toThrow(OperatorFault)
  expect(open).toThrow(/is damaged/)
  expect(open).not.toThrow(/deadbeef/)
})

test('[OPS-13] data without their secret are not opened under a new one', () => {
  const directory = folder()
  openSecret(directory, null, false)
  rmSync(join(directory, 'secret'))
  expect(() => openSecret(directory, null, true)).toThrow(/secret is missing, but there are data/)
})

test('[OPS-13] data are not opened under another SECRET_KEY, which is not shown', () => {
  const directory = folder()
  openSecret(directory, KEY, false)
  const other = KEY.toUpperCase()
  expect(() => openSecret(directory, other, true)).toThrow(/^SECRET_KEY is not the secret/)
  expect(() => openSecret(directory, other, true)).not.toThrow(other)
  expect(() => openSecret(directory, null, true)).toThrow(OperatorFault)
})

test('[OPS-13] data made with a file are not opened under another file', () => {
  const [directory, other] = [folder(), folder()]
  openSecret(directory, null, false)
  openSecret(other, null, false)
  writeFileSync(join(directory, 'secret'), readFileSync(join(other, 'secret')))
  expect(() => openSecret(directory, null, true)).toThrow(/^The file .* is not the secret/)
})
