import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSigningKey, type SigningKey } from '../../src/outbound/signing.ts'
import { testKeyring } from '../world.ts'

/** A key that no other test has. */
export function testKey(): SigningKey {
  const directory = mkdtempSync(join(tmpdir(), 'parley-'))
  try {
    return loadSigningKey(directory, testKeyring)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
