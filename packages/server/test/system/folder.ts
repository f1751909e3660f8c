import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory for one test, gone after it. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'parley-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}
