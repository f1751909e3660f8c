import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { Keyring } from '../core/ports/keyring.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Tells how a sealed text was made, so that another way can come beside it. */
const VERSION = 'v1.'

/**
 * Digests are HMAC-SHA256 and seals AES-256-GCM, each purpose under a key of its own (HKDF-SHA256) from the server's
 * secret, so that no two uses can be played against each other.
 */
export function createKeyring(secret: Buffer): Keyring {
  const derive = (info: string) => deriveKey(secret, info)
  const digestKeys = new Map<string, Buffer>()
  const sealKey = derive('seal')
  return {
    digest(purpose, value) {
      const key = digestKeys.get(purpose) ?? derive(`digest ${purpose}`)
      digestKeys.set(purpose, key)
      return createHmac('sha256', key).update(value).digest('hex')
    },
    seal(value) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, sealKey, nonce)
      const sealed = [nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return VERSION + Buffer.concat(sealed).toString('base64url')
    },
    unseal: sealed => unseal(sealKey, sealed),
  }
}

/** The key for one use of the server's secret, 32 bytes. */
export const deriveKey = (secret: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `parley ${use}`, 32))

function unseal(key: Buffer, sealed: string): string {
  try {
    if (!sealed.startsWith(VERSION)) throw new Error('unknown version')
    const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    // Without the cause: what OpenSSL says of a text must not become a way to learn about it.
    throw new Error('A sealed value was not made under this secret')
  }
}
