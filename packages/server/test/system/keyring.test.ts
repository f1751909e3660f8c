import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createKeyring } from '../../src/system/keyring.ts'

const secret = randomBytes(32)
const keyring = createKeyring(secret)
const stranger = createKeyring(randomBytes(32))

test('[OPS-21] a digest is 32 bytes of hex and depends on purpose, value and secret', () => {
  const digest = keyring.digest('api-key', 'k')
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  expect(keyring.digest('api-key', 'k')).toBe(digest)
  expect(createKeyring(secret).digest('api-key', 'k')).toBe(digest)
  expect(keyring.digest('sign-in', 'k')).not.toBe(digest)
  expect(keyring.digest('api-key', 'l')).not.toBe(digest)
  expect(stranger.digest('api-key', 'k')).not.toBe(digest)
})

test('[OPS-21] a sealed value opens under its secret, also after a restart, and no two seals are alike', () => {
  for (const value of ['', 'key', 'ü'.repeat(1000)]) {
    const sealed = keyring.seal(value)
    expect(createKeyring(secret).unseal(sealed)).toBe(value)
    expect(keyring.seal(value)).not.toBe(sealed)
    if (value) expect(sealed).not.toContain(value)
  }
})

test('[OPS-21] a sealed value does not open under another secret', () => {
  const sealed = stranger.seal('value')
  expect(() => keyring.unseal(sealed)).toThrow('was not made under this secret')
})

test('[OPS-21] a sealed value does not open when any of its bytes was touched or lost', () => {
  const sealed = keyring.seal('value')
  for (let at = 0; at < sealed.length; at++) {
    const bytes = Buffer.from(sealed)
    bytes[at] = bytes[at] === 65 ? 66 : 65
    const touched = bytes.toString()
    // The last digit of base64 can hold bits that stand for nothing.
    if (Buffer.from(touched.slice(3), 'base64url').equals(Buffer.from(sealed.slice(3), 'base64url')) && at >= 3)
      continue
    expect(() => keyring.unseal(touched)).toThrow('was not made under this secret')
    expect(() => keyring.unseal(sealed.slice(0, at))).toThrow('was not made under this secret')
  }
})
