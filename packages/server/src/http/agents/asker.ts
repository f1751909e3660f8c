import type { Actor } from '../../core/user.ts'
import { keyOf } from '../../protocols/agents/desk.ts'
import type { Call } from '../endpoint.ts'

/** Whoever asks about a session: without an account the guest whose it is, or one who has none. */
export async function inSession({ core, actor }: Pick<Call, 'core' | 'actor'>, session: string): Promise<Actor> {
  if (actor.kind !== 'anonymous') return actor
  const entering = { type: 'guest.enter', session: keyOf(session), isAtDoor: false } as const
  return (await core.execute(actor, entering)).actor
}
