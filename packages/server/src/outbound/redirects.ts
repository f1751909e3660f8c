import type { OutboundAnswer, OutboundCall } from './guard.ts'

const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Headers that say nothing about who asks. */
const HARMLESS = new Set(['accept', 'accept-language', 'user-agent'])

/** The call that `answer` sends us on to; undefined when it does not. Another origin gets only harmless headers. */
export function redirection(call: OutboundCall, answer: OutboundAnswer): OutboundCall | undefined {
  if (answer.state === 'failed' || !REDIRECTS.has(answer.status)) return undefined
  const { location } = answer.headers
  const next = location === undefined ? null : URL.parse(location, call.url)
  if (!next) return undefined
  const { headers = {} } = call
  const same = next.origin === URL.parse(call.url)?.origin
  return { ...call, url: next.href, headers: same ? headers : harmless(headers) }
}

const harmless = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name.toLowerCase())))
