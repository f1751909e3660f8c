import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Returns once what a file holds, or what names a directory holds, is on the disk. */
export function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
