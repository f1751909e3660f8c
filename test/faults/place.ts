import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type ServerOptions } from './server.ts'

/** A directory for the data of one server and a port for it. Its end removes the directory. */
export interface Place extends Disposable {
  readonly server: ServerOptions
}

export async function newPlace(): Promise<Place> {
  const root = mkdtempSync(join(tmpdir(), 'parley-faults-'))
  return {
    server: { directory: join(root, 'data'), port: await freePort() },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}
