import type { IncomingHttpHeaders } from 'node:http'
import type { Shown } from '../view.ts'

/** The credential of a request, good or not: `X-API-Key`, else a session token in `Authorization: Bearer`. */
export function headerCredential(headers: IncomingHttpHeaders): Shown | undefined {
  const key = headers['x-api-key']
  if (typeof key === 'string' && key !== '') return { by: 'key', secret: key }
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  return token === undefined ? undefined : { by: 'sign-in', secret: token }
}

/** The same for an upgrade, where a key in the query comes first: browsers can't set headers there. */
export function upgradeCredential(headers: IncomingHttpHeaders, query: URLSearchParams): Shown | undefined {
  const key = query.get('api_key')
  return key ? { by: 'key', secret: key } : headerCredential(headers)
}
