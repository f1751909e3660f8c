import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RoomId } from '../core/ids.ts'
import { OperatorFault } from '../system/fault.ts'

/** Names the database whose files a folder holds. */
const MARK = '.parley'

/**
 * Makes sure that a folder of files belongs to the database with this lobby: what a database does not know is swept away, so
 * another one would lose all its files to a wrong setting. Throws OperatorFault.
 */
export function ownFiles(directory: string, lobby: RoomId): void {
  const path = join(directory, MARK)
  const owner = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (owner === lobby) return
  // A power cut may leave it empty.
  if (owner === '') return writeFileSync(path, lobby, { mode: 0o600 })
  throw new OperatorFault(
    `UPLOAD_DIR ${directory} holds the files of another database. Put that one back, or set UPLOAD_DIR to another place.`,
  )
}
