import { environment, pageOrigin } from '../environment.ts'

/**
 * Where sessions connect. The address of a server is `http:`, `https:`, `ws:` or `wss:`, with or without `/ws`. Without one it is
 * `PARLEY_URL`, else where the page came from, else this machine's port 8000; never somebody else's, for the token goes there.
 * Throws TypeError for what is none.
 */
export function socketPlaceOf(url = environment('PARLEY_URL') ?? pageOrigin() ?? 'http://localhost:8000'): string {
  const [, secure, rest] = /^(?:http|ws)(s?):\/\/([^?#]+)$/i.exec(url.trim()) ?? []
  const root = rest?.replace(/\/+$/, '').replace(/\/ws$/, '')
  if (!root) throw new TypeError('The URL must begin with http://, https://, ws:// or wss:// and have no query')
  return `ws${secure}://${root}/ws`
}
