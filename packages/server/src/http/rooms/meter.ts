import type { Clock } from '../../core/ports/clock.ts'
import type { Actor } from '../../core/user.ts'
import { type Rate, SlidingWindows } from '../../core/window.ts'
import { Fault } from '../faults.ts'
import type { Meter } from '../routes.ts'

/** Who asks more than this many times the rate is not answered for a while. */
const BLOCK_FACTOR = 1.5
const BLOCK_SECONDS = 300

/** At most `rate` requests of each user, or of each address without one; far above it nothing for five minutes. */
export function createMeter(rate: Rate, clock: Clock): Meter {
  const answered = new SlidingWindows(rate, clock)
  const asked = new SlidingWindows({ ...rate, count: Math.floor(rate.count * BLOCK_FACTOR) }, clock)
  const blocks = new SlidingWindows({ count: 1, seconds: BLOCK_SECONDS }, clock)

  /** Seconds until the next request is answered; 0 if this one is. */
  function wait(key: string): number {
    const block = blocks.look(key)
    if (block.left === 0) return block.frees
    if (asked.take(key) === 0) return answered.take(key)
    blocks.take(key)
    return BLOCK_SECONDS
  }

  return (actor, address) => {
    const key = keyOf(actor, address)
    const seconds = wait(key)
    const { left, frees } = answered.look(key)
    const headers = {
      'X-RateLimit-Limit': String(rate.count),
      'X-RateLimit-Remaining': String(seconds > 0 ? 0 : left),
      'X-RateLimit-Window': String(rate.seconds),
    }
    if (seconds > 0) throw new Fault('too_many_requests', { headers: { ...headers, 'Retry-After': String(seconds) } })
    // The second, since 1970, in which the oldest request that counts no longer does.
    return { ...headers, 'X-RateLimit-Reset': String(Math.ceil(clock.now() / 1000) + frees) }
  }
}

const keyOf = (actor: Actor | undefined, address: string): string => (actor?.kind === 'user' ? actor.user.id : address)
