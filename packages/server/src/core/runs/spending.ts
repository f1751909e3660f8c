import type { Spending } from '../ports/agents.ts'
import { hasOthers } from '../room.ts'
import type { RunUsage } from '../run.ts'
import type { Cast, RunPorts } from './cast.ts'

const DAY = 24 * 3_600_000

/** A day as a number: how many began since 1970, by UTC. */
export const dayOf = (at: number): number => Math.floor(at / DAY)

/** An answer whose end is not stored yet. */
export interface UnderWay {
  readonly cast: Cast
  /** As the agent told it last. */
  readonly usage: RunUsage | null
}

/**
 * What was spent today where `cast` plays, by what is stored and by what is under way. An answer that ends meanwhile may count
 * twice for a moment, but never not at all.
 */
export async function spendingOf(
  { store, clock }: Pick<RunPorts, 'store' | 'clock'>,
  { asker, room }: Cast,
  underWay: () => Iterable<UnderWay>,
): Promise<Spending> {
  const now = (counts: (cast: Cast) => boolean): number => {
    let sum = 0
    for (const { cast, usage } of underWay()) if (counts(cast)) sum += usage?.charge ?? 0
    return sum
  }
  // Before what is stored, so that one which ends in between is in both.
  const [person, guests, here] = [
    now(cast => cast.asker.id === asker.id),
    now(cast => cast.asker.role === 'guest'),
    now(cast => cast.room.id === room.id),
  ]
  const stored = await store.spentOn(dayOf(clock.now()), { asker: asker.id, room: room.id })
  const isGuest = asker.role === 'guest'
  return {
    person: isGuest ? null : stored.person + person,
    room: hasOthers(room) ? stored.room + here : null,
    guests: isGuest ? stored.guests + guests : null,
  }
}
