import { headerCredential } from '../credential.ts'
import type { Knock, Shown } from '../view.ts'

/**
 * The credential of an upgrade: the token in the query, else one in a header, else the cookie of a page of our own. A page of
 * somebody else's would have the browser send the cookie too.
 */
export function upgradeCredential({ headers, query, isOwnOrigin }: Knock): Shown | undefined {
  const token = query.get('token')
  if (token) return { by: 'sign-in', secret: token }
  return headerCredential(headers) ?? (isOwnOrigin ? cookieCredential(headers.cookie) : undefined)
}

function cookieCredential(cookies: string | undefined): Shown | undefined {
  const token = /(?:^|;)\s*access_token=([^;]+)/.exec(cookies ?? '')?.[1]?.trim()
  return token ? { by: 'sign-in', secret: token } : undefined
}
