import type { IncomingHttpHeaders } from 'node:http'
import type { Knock, Shown } from './view.ts'

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

/**
 * The credential of an upgrade that takes all kinds: the token in the query, which may be an API key, else one in a header,
 * else the cookie of a page of our own. A page of somebody else's would have the browser send the cookie too.
 */
export function upgradeCredential({ headers, query, isOwnOrigin }: Knock): Shown | undefined {
  const token = query.get('token')
  if (token) return { by: 'either', secret: token }
  return headerCredential(headers) ?? (isOwnOrigin ? cookieCredential(headers.cookie) : undefined)
}

function cookieCredential(cookies: string | undefined): Shown | undefined {
  const token = /(?:^|;)\s*access_token=([^;]+)/.exec(cookies ?? '')?.[1]?.trim()
  return token ? { by: 'sign-in', secret: token } : undefined
}

/** The same, where keys are taken as tokens too: for clients that have one place for both. */
export const eitherCredential = (shown: Shown | undefined): Shown | undefined =>
  shown?.by === 'sign-in' ? { ...shown, by: 'either' } : shown
