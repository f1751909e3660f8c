import { randomBytes, randomUUID } from 'node:crypto'
import type { Ids } from '../core/ports/ids.ts'

/** Ids of one millisecond; the next one borrows from the millisecond to come. */
const PER_MILLISECOND = 4096

/**
 * UUIDs of version 7 (RFC 9562): 48 bits of time, a 12-bit counter, 62 random bits. Each is greater than the one before,
 * also when the clock is set back.
 */
export function createIds(now: () => number = Date.now): Ids {
  let time = 0
  let count = 0
  let prefix = ''
  const advance = (to: number) => {
    time = to
    count = 0
    const hex = to.toString(16).padStart(12, '0')
    prefix = `${hex.slice(0, 8)}-${hex.slice(8)}-7`
  }
  return {
    uuid() {
      const at = now()
      if (at > time) advance(at)
      else if (count === PER_MILLISECOND) advance(time + 1)
      // The tail of a version 4 id is the variant and 62 random bits; Node draws them from a buffer, a call costs 0.1 µs.
      return prefix + COUNTERS[count++] + randomUUID().slice(18)
    },
    secret: bytes => randomBytes(bytes).toString('hex'),
  }
}

const COUNTERS = Array.from({ length: PER_MILLISECOND }, (_, count) => count.toString(16).padStart(3, '0'))
