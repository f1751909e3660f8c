import type { Label } from './content.ts'

/** What one connection saw of each sender: every sender's messages have to come densely and in order. */
export function createRows() {
  const next = new Map<number, number>()
  const totals = { seen: 0, gaps: 0, repeats: 0 }
  let order = 0
  return {
    look({ sender, own, overall }: Label): void {
      const expected = next.get(sender) ?? 0
      totals.seen++
      if (own < expected) totals.repeats++
      else totals.gaps += own - expected
      next.set(sender, Math.max(expected, own + 1))
      order = (Math.imul(order, 31) + overall) | 0
    },
    seen: () => totals.seen,
    /** Messages that were passed over, though a later one of their sender came. */
    gaps: () => totals.gaps,
    /** Messages that came again, or after a later one of their sender. */
    repeats: () => totals.repeats,
    /** A hash of the order over all senders. */
    order: () => order,
  }
}
