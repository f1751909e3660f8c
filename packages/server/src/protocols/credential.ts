import type { IncomingHttpHeaders } from 'node:http'
import type { Shown } from './view.ts'

/**
 * The credential of a request, good or not, the same on every protocol: `X-API-Key`, else an access or session token in
 * `Authorization: Bearer`.
 */
export function headerCredential(headers: IncomingHttpHeaders): Shown | undefined {
  const key = headers['x-api-key']
  if (typeof key === 'string' && key !== '') return { by: 'key', secret: key }
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  return token === undefined ? undefined : { by: 'sign-in', secret: token }
}
