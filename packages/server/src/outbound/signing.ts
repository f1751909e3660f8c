import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Keyring } from '../core/ports/keyring.ts'

/** The Ed25519 key pair that proves to receivers who sent a delivery. Shows nothing of the private half. */
export interface SigningKey {
  /** The 32 bytes of the public half. */
  readonly publicKey: Uint8Array
  /** The public half as PEM (SPKI). */
  readonly pem: string
  sign(content: Uint8Array): Uint8Array
}

/** Why the key can't be used, in words for the person who runs the server. */
export class SigningKeyUnusable extends Error {
  override readonly name = 'SigningKeyUnusable'
}

const FILE = 'webhook-key'

/**
 * The key kept in the data directory, made on the first start: sealed, readable by its owner only, and synced before
 * this returns. Throws SigningKeyUnusable when the file was not sealed under this keyring: a new key would break every receiver unasked.
 */
export function loadSigningKey(directory: string, keyring: Pick<Keyring, 'seal' | 'unseal'>): SigningKey {
  const file = join(directory, FILE)
  if (!existsSync(file)) write(directory, file, keyring.seal(newKey()))
  return signingKey(read(file, keyring))
}

function read(file: string, keyring: Pick<Keyring, 'unseal'>): KeyObject {
  try {
    return createPrivateKey(keyring.unseal(readFileSync(file, 'utf8')))
  } catch {
    // Without the cause, which may know of the contents.
    throw new SigningKeyUnusable(
      `${file}, the key that signs webhook deliveries, is damaged or belongs to another secret. Put it back from your backup, or delete it to get a new one: receivers then have to fetch the new public key.`,
    )
  }
}

/** What receivers are told of the key. */
export const publicKeyDocument = ({ publicKey, pem }: SigningKey) => ({
  algorithm: 'ed25519',
  /** As the libraries for Standard Webhooks take it. */
  public_key: `whpk_${Buffer.from(publicKey).toString('base64')}`,
  pem,
})

/** The headers of Standard Webhooks for one attempt at a delivery. `id` has no full stop in it; `at` is in milliseconds since 1970. */
export function signatureHeaders(key: SigningKey, id: string, at: number, body: Uint8Array) {
  const timestamp = String(Math.floor(at / 1000))
  const signature = key.sign(Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1a,${Buffer.from(signature).toString('base64')}`,
  }
}

const newKey = (): string =>
  generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey

function signingKey(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey)
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32), // the raw key is the end of an Ed25519 SPKI
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: content => sign(null, content, privateKey),
  }
}

// Whole or not at all: a crash leaves at most a draft, which the next start writes again.
function write(directory: string, file: string, text: string): void {
  const draft = `${file}.draft`
  sync(draft, 'w', fd => void writeSync(fd, text))
  renameSync(draft, file)
  if (process.platform !== 'win32') sync(directory, 'r', () => {}) // Windows can't open a directory
}

function sync(path: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(path, flags, 0o600)
  try {
    use(fd)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
