import { createHash, timingSafeEqual } from 'node:crypto'
import type { OutboundFailure } from '../core/ports/outbound.ts'
import type { Verdict, Verifier } from '../core/ports/verifier.ts'
import type { Guard } from './guard.ts'

export interface VerifierOptions {
  /** Tokens, keys, and user:password. */
  readonly accepted: readonly string[]
  /** Null where nobody is asked. */
  readonly url: string | null
}

/** For one question, in milliseconds. */
const TIMEOUT = 10_000
const BODY_MAX = 4_096
/** Longest reason that is passed on, in UTF-16 units. */
const DETAIL_MAX = 200

const REJECTED: Verdict = { state: 'rejected', detail: null }

/** Hears that the address could not be asked, and why. */
export type OnSilence = (failure: OutboundFailure) => void

/** Holds credentials against a list, then asks the URL about those that are not on it. */
export function createVerifier(
  { accepted, url }: VerifierOptions,
  guard: Pick<Guard, 'call'>,
  onSilence: OnSilence,
): Verifier {
  const known = accepted.map(digest)
  return {
    async verify(headers) {
      const shown = Object.values(headers).flatMap(secretsOf).map(digest)
      // All are compared, so that the time tells nothing.
      const found = known.filter(one => shown.filter(other => timingSafeEqual(one, other)).length > 0)
      if (found.length > 0) return { state: 'accepted' }
      if (url === null) return REJECTED
      const answer = await guard.call({ method: 'GET', url, headers, timeout: TIMEOUT, bodyMax: BODY_MAX })
      if (answer.state === 'answered') return judged(answer.status, answer.body)
      // An address that is out of order lets nobody in.
      onSilence(answer.failure)
      return REJECTED
    },
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A header's value as it may stand in the list. */
function secretsOf(value: string): readonly string[] {
  const [, scheme = '', rest = ''] = /^(Bearer|Basic) +(.+)$/i.exec(value) ?? []
  if (scheme === '') return [value]
  return [scheme.toLowerCase() === 'basic' ? Buffer.from(rest, 'base64').toString() : rest]
}

const judged = (status: number, body: Uint8Array): Verdict =>
  status >= 200 && status < 300 ? { state: 'accepted' } : { state: 'rejected', detail: detailIn(body) }

/** What an answer such as `{"detail": "Token expired"}` says. */
function detailIn(body: Uint8Array): string | null {
  try {
    const { detail } = JSON.parse(Buffer.from(body).toString()) as { detail?: unknown } // what else it is does not matter
    return typeof detail === 'string' && detail !== '' ? detail.slice(0, DETAIL_MAX).toWellFormed() : null
  } catch {
    return null
  }
}
