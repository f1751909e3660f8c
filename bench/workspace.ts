import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const DATA = fileURLToPath(new URL('data', import.meta.url))
let directory: string | undefined

/** This process's directory for everything it writes, removed at exit. In the checkout, as /tmp may be only memory. */
export function workspace(): string {
  if (directory === undefined) {
    mkdirSync(DATA, { recursive: true })
    const made = mkdtempSync(`${DATA}/run-`)
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    directory = made
  }
  return directory
}
