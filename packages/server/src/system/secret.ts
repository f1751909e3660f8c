import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, linkSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { OperatorFault, systemCode } from './fault.ts'
import { sync } from './sync.ts'

const BYTES = 32

/**
 * The server's secret: what SECRET_KEY says, else what the file `secret` in the data directory holds, which is made on the
 * first start. The data directory remembers which secret it belongs to, and `inUse` says that there are data already:
 * under another secret every API key would be dead. Throws OperatorFault when the secret is missing, wrong or open to all.
 */
export function openSecret(directory: string, secretKey: string | null, inUse: boolean): Buffer {
  const secret = secretKey === null ? fileSecret(directory, inUse) : Buffer.from(secretKey)
  const check = join(directory, 'secret.check')
  const mark = `${createHmac('sha256', secret).update('parley secret check').digest('hex').slice(0, 16)}\n`
  if (read(check, mark) !== mark) throw new OperatorFault(wrongSecret(directory, secretKey === null))
  return secret
}

const wrongSecret = (directory: string, fromFile: boolean): string =>
  `${fromFile ? `The file ${join(directory, 'secret')}` : 'SECRET_KEY'} is not the secret that the data in ${directory} were ` +
  'made with: every API key would be dead. Put the right one back. (To give all keys up, delete the file secret.check.)'

function fileSecret(directory: string, inUse: boolean): Buffer {
  const file = join(directory, 'secret')
  if (inUse && !existsSync(file)) {
    throw new OperatorFault(
      `${file} is missing, but there are data: without it every API key would be dead. Put it back from your backup, or set SECRET_KEY.`,
    )
  }
  const text = read(file, `${randomBytes(BYTES).toString('hex')}\n`).trim()
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new OperatorFault(`${file} is damaged: it has to hold 64 hex digits. Put it back from your backup.`)
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o007) !== 0) {
    throw new OperatorFault(`${file} is open to every user of this machine. Close it: chmod 600 ${file}`)
  }
  return Buffer.from(text, 'hex')
}

/** The file's text; `first` is stored, for good before this returns, when there is no file. Of two who do so at once one wins. */
function read(file: string, first: string): string {
  if (!existsSync(file)) write(file, first)
  return readFileSync(file, 'utf8')
}

function write(file: string, text: string): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
  if (process.platform !== 'win32') sync(dirname(file)) // Windows can't open a directory
}
