import type { Seat } from './layout.ts'
import { createLedger } from './ledger.ts'
import { createSamples } from './samples.ts'

/** Send times are kept for this many newest messages, far more than are ever in flight. */
const SEND_TIMES = 1 << 16

/** Everything a run counts: the ledger of messages, latencies in milliseconds, marks, receipts, bytes, and what went wrong. */
export function createTally(all: readonly Seat[], to: 'room' | 'direct', echoes = false) {
  const sentAt = new Float64Array(SEND_TIMES)
  return {
    ledger: createLedger(all, to, echoes),
    latency: { delivery: createSamples(), ack: createSamples() },
    counts: { bytes: 0, marks: 0, marked: 0, receipts: 0, lastArrival: 0 },
    trouble: [] as string[],
    /** Notes that message number `overall` leaves now. */
    depart(overall: number): void {
      sentAt[overall % SEND_TIMES] = performance.now()
    },
    /** Milliseconds since message number `overall` left. */
    age: (overall: number): number => performance.now() - sentAt[overall % SEND_TIMES]!,
  }
}

export type Tally = ReturnType<typeof createTally>
