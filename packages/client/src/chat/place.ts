import { environment, pageOrigin } from '../environment.ts'
import { ChatError } from './errors.ts'

/** Where the server is: the root of its REST API and its WebSocket. */
export interface ChatPlace {
  readonly http: string
  readonly socket: string
}

const API = '/api/v1'

/**
 * Reads the address of a server: `http:`, `https:`, `ws:` or `wss:`, alone or with the path of the API. Without one it is
 * `PARLEY_URL`, else where the page came from, else this machine's port 8000; never somebody else's, for the token goes there.
 */
export function chatPlaceOf(url = environment('PARLEY_URL') ?? pageOrigin() ?? 'http://localhost:8000'): ChatPlace {
  const [, secure, rest] = /^(?:http|ws)(s?):\/\/([^?#]+)$/i.exec(url.trim()) ?? []
  const root = rest?.replace(/\/+$/, '').replace(/\/api\/v1(\/ws){0,2}$/, '')
  if (!root)
    throw new ChatError('INVALID', 'The URL must begin with http://, https://, ws:// or wss:// and have no query')
  return { http: `http${secure}://${root}${API}`, socket: `ws${secure}://${root}${API}/ws/ws` }
}
