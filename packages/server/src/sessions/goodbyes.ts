import type { Goodbye } from '../protocols/view.ts'
import type { Session } from './session.ts'

/** What closes a socket from our side, where its view has no word of its own. */
export const CLOSE = {
  failed: [4000, 'Internal server error'],
  restarting: [1012, 'Server is restarting'],
  slow: [1013, 'Reading too slowly: reconnect and resume'],
  stale: [4408, 'No sign of life'],
  idle: [4408, 'No frame for too long'],
  unproved: [4401, 'Authentication required'],
} as const satisfies Record<string, Goodbye>

/** Time that answers have when the server stops, in milliseconds. */
const ANSWER_GRACE = 1_000

/** Resolves when what sessions are being answered is on its way; who takes longer is not waited for. */
export async function answered(sessions: Iterable<Session>): Promise<void> {
  const asking = [...sessions].flatMap(({ answering }) => answering ?? [])
  if (asking.length === 0) return
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ANSWER_GRACE)
  await Promise.race([Promise.all(asking), late.promise])
  clearTimeout(timer)
}
