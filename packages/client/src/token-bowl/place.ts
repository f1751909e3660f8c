import { environment } from '../environment.ts'
import { ValueError } from '../errors.ts'

/** Where the server is: its REST root and its WebSocket, both without a slash at the end. */
export interface Place {
  readonly http: string
  readonly socket: string
}

/**
 * Reads a base URL: `http:`, `https:`, `ws:` or `wss:`, with or without `/ws` at the end. Without one it is
 * `TOKEN_BOWL_BASE_URL`, and without that the server on this machine, never somebody else's, for the key goes there.
 */
export function placeOf(baseUrl = environment('TOKEN_BOWL_BASE_URL') ?? 'http://localhost:8000'): Place {
  const [, secure, rest] = /^(?:http|ws)(s?):\/\/([^?#]+)$/i.exec(baseUrl.trim()) ?? []
  const root = rest?.replace(/\/+$/, '').replace(/\/ws$/, '')
  if (!root) throw new ValueError('The base URL must begin with http://, https://, ws:// or wss:// and have no query')
  return { http: `http${secure}://${root}`, socket: `ws${secure}://${root}/ws` }
}

/** The key given, else `TOKEN_BOWL_CHAT_API_KEY`, without the spaces and line breaks that pasting leaves around it. */
export function keyOf(apiKey: string | undefined): string | undefined {
  const key = (apiKey || environment('TOKEN_BOWL_CHAT_API_KEY'))?.trim()
  // The platform refuses such a header too, but repeats it in the error.
  if (key && !/^[\x21-\x7e]+$/.test(key)) throw new ValueError('The API key has characters that no key has')
  return key || undefined
}
