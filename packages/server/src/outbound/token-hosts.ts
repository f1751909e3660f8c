import type { Allowed } from './allowed.ts'
import { target } from './policy.ts'

/**
 * Judges addresses of token servers that people name: why one may not be asked, in words for them, or null. `hosts` are the only ones that
 * may, where it is not null. Secrets go over TLS, except to hosts that may be private.
 */
export const tokenHosts =
  (hosts: Allowed | null, allowed: Allowed) =>
  (address: string): string | null => {
    const url = URL.parse(address)
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
      return 'token_url is no address over HTTP'
    const { host, port } = target(url)
    const isAmong = (places: Allowed) => places.hasName(host, port) || places.hasAddress(host, port)
    if (hosts && !isAmong(hosts)) return 'the operator does not allow its host'
    return url.protocol === 'https:' || isAmong(allowed) ? null : 'token_url has to be https'
  }
