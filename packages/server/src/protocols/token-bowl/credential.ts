import { headerCredential } from '../credential.ts'
import type { Knock, Shown } from '../view.ts'

/** The credential of an upgrade, where a key in the query comes first: browsers can't set headers there. */
export function upgradeCredential({ headers, query }: Knock): Shown | undefined {
  const key = query.get('api_key')
  return key ? { by: 'key', secret: key } : headerCredential(headers)
}
