import { verify } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { loadSigningKey, publicKeyDocument, signatureHeaders } from '../../src/outbound/signing.ts'
import { createKeyring } from '../../src/system/keyring.ts'

const keyring = createKeyring(Buffer.alloc(32, 1))

function directory() {
  const path = mkdtempSync(join(tmpdir(), 'parley-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('[OUT-31] the key is made on the first start and the same on every later one', () => {
  const path = directory()
  const first = loadSigningKey(path, keyring)
  expect(loadSigningKey(path, keyring).pem).toBe(first.pem)
  expect(loadSigningKey(directory(), keyring).pem).not.toBe(first.pem)
})

test('[OUT-31] its file is sealed, for its owner only, and no draft stays behind', () => {
  const path = directory()
  loadSigningKey(path, keyring)
  expect(readdirSync(path)).toEqual(['webhook-key'])
  const file = join(path, 'webhook-key')
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
  const sealed = readFileSync(file, 'utf8')
  expect(sealed).not.toContain('PRIVATE KEY')
  expect(keyring.unseal(sealed)).toContain('PRIVATE KEY')
})

test('[OUT-31] what a crash left of a first start does no harm', () => {
  const path = directory()
  writeFileSync(join(path, 'webhook-key.draft'), 'half a', { mode: 0o600 })
  const key = loadSigningKey(path, keyring)
  expect(loadSigningKey(path, keyring).pem).toBe(key.pem)
  expect(readdirSync(path)).toEqual(['webhook-key'])
})

test('[OUT-31] a key sealed under another secret, or damaged, stops the start and stays as it is', () => {
  const path = directory()
  loadSigningKey(path, keyring)
  const file = join(path, 'webhook-key')
  const before = readFileSync(file)
  expect(() => loadSigningKey(path, createKeyring(Buffer.alloc(32, 2)))).toThrow('webhook-key')
  expect(readFileSync(file)).toEqual(before)
  writeFileSync(file, '')
  expect(() => loadSigningKey(path, keyring)).toThrow('webhook-key')
  expect(readFileSync(file, 'utf8')).toBe('')
})

test('[OUT-31] nothing shows the private half', () => {
  const path = directory()
  const key = loadSigningKey(path, keyring)
  const secret = Buffer.from(
    keyring.unseal(readFileSync(join(path, 'webhook-key'), 'utf8')).replace(/-----[^-]+-----|\s/g, ''),
    'base64',
  ).subarray(-32)
  for (const text of [
    inspect(key, { depth: 9, showHidden: true }),
    JSON.stringify(key),
    JSON.stringify(publicKeyDocument(key)),
  ]) {
    expect(text).not.toMatch(/PRIVATE/)
    expect(text).not.toContain(secret.toString('base64').slice(0, 20))
    expect(text).not.toContain(secret.toString('hex').slice(0, 20))
  }
})

test('[OUT-30] a signature covers id, time and body', () => {
  const key = loadSigningKey(directory(), keyring)
  const body = Buffer.from('{"content":"grüß"}')
  const headers = signatureHeaders(key, '0190-id', 1_700_000_000_999, body)
  expect(headers).toMatchObject({ 'webhook-id': '0190-id', 'webhook-timestamp': '1700000000' })
  const [scheme, signature = ''] = headers['webhook-signature'].split(',')
  expect(scheme).toBe('v1a')
  const holds = (content: string) => verify(null, Buffer.from(content), key.pem, Buffer.from(signature, 'base64'))
  expect(holds('0190-id.1700000000.{"content":"grüß"}')).toBe(true)
  expect(holds('0191-id.1700000000.{"content":"grüß"}')).toBe(false)
  expect(holds('0190-id.1700000001.{"content":"grüß"}')).toBe(false)
  expect(holds('0190-id.1700000000.{"content":"gruß"}')).toBe(false)
})

test('[OUT-32] the public key is told in both forms that receivers take', () => {
  const key = loadSigningKey(directory(), keyring)
  const document = publicKeyDocument(key)
  expect(document.algorithm).toBe('ed25519')
  const raw = Buffer.from(document.public_key.replace(/^whpk_/, ''), 'base64')
  expect(raw).toHaveLength(32)
  const der = Buffer.from(document.pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  expect(der.subarray(-32)).toEqual(raw)
})
