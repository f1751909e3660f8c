import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { OperatorFault, systemCode } from './fault.ts'

/** Makes the data directory, or what another setting names, unless it is there. Throws OperatorFault when it can't be written to. */
export function openDataDir(directory: string, setting = 'DATA_DIR'): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new OperatorFault(`${setting} ${directory} can't be used: ${reason(error).replace('DATA_DIR', setting)}`)
  }
}

const REASONS: Record<string, string> = {
  EACCES: 'this user may not write there. Give it to the user that runs Parley, or set DATA_DIR to another place.',
  EPERM: 'this user may not write there. Give it to the user that runs Parley, or set DATA_DIR to another place.',
  EROFS: 'the file system is read-only. Set DATA_DIR to a place that can be written to.',
  EEXIST: 'it is a file. Set DATA_DIR to a directory.',
  ENOTDIR: 'a part of its path is a file. Set DATA_DIR to a directory.',
  ENOENT: "it can't be made there. Set DATA_DIR to another place.",
  ENOSPC: 'the disk is full.',
}

const reason = (error: unknown): string => REASONS[systemCode(error) ?? ''] ?? String(error)

/**
 * Claims the data directory for this server until `release`, or until the process is gone in whatever way: the operating
 * system holds the lock. Throws OperatorFault when another server has it.
 */
export function claimDataDir(directory: string): { release(): void } {
  const file = join(directory, 'lock.db')
  closeSync(openSync(file, 'a', 0o600))
  const lock = new DatabaseSync(file)
  try {
    // The number of the owner is only for the message to a second one. Losing it in a crash does no harm.
    lock.exec(`PRAGMA synchronous = OFF; PRAGMA user_version = ${process.pid}; BEGIN IMMEDIATE`)
  } catch (error) {
    const owner = ownerOf(lock)
    lock.close()
    if (!isBusy(error)) throw new OperatorFault(`DATA_DIR ${directory} can't be locked: ${String(error)}`)
    throw new OperatorFault(
      `DATA_DIR ${directory} is in use by another Parley server${owner}. Stop that one, or set DATA_DIR to another place.`,
    )
  }
  return { release: () => lock.close() }
}

const SQLITE_BUSY = 5

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY

function ownerOf(lock: DatabaseSync): string {
  try {
    return ` (process ${lock.prepare('PRAGMA user_version').get()?.user_version})`
  } catch {
    return ''
  }
}
