import type { Context } from '../context.ts'
import { refuse } from '../refusals.ts'
import type { Actor } from '../user.ts'

/** Counts against a limit; refuses rate_limited over it. */
export function limit(ctx: Context, name: 'registrations' | 'signIns' | 'searches', key: string): void {
  const retryAfter = ctx.limits[name].take(key)
  if (retryAfter > 0) refuse({ code: 'rate_limited', retryAfter })
}

/** What attempts of an actor are counted under. */
export function limitKey(actor: Actor): string {
  if (actor.kind === 'anonymous') return actor.address
  return actor.kind === 'user' ? actor.user.id : 'operator'
}
