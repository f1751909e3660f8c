import { readFileSync } from 'node:fs'

// Our own file, next to the sources of every installation.
const { version: own } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Version of this server. */
export const version = own
