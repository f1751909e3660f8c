import { blankContent, blankLabel, countOffsets, DIGITS } from './content.ts'
import type { Connection } from './dial.ts'
import type { Dialect } from './dialects.ts'
import { frameTemplate } from './frames.ts'
import type { Traffic } from './plan.ts'
import type { Tally } from './tally.ts'

/** Marks may trail the messages they mark by this many windows before senders wait for them. */
const MARK_WINDOWS = 4

/** The sending side of a run: the senders take turns. */
export function createOutlets(plan: Traffic, dialect: Dialect, tally: Tally, connections: readonly Connection[]) {
  const { counts, ledger } = tally
  const window = 'window' in plan.load ? plan.load.window : 1
  const markLimit = MARK_WINDOWS * window * Math.max(1, plan.markers)
  const outlets = ledger.senders.map(seat => {
    const content = blankContent(seat.index, plan.contentLength)
    const to = plan.to === 'direct' ? plan.names[ledger.recipient(seat).index] : undefined
    const text = dialect.chat(content, blankLabel(seat.index), seat.room, to)
    const stamp = frameTemplate(text, countOffsets(text, seat.index), DIGITS)
    return { seat, stamp, connection: connections[seat.index]! }
  })
  let turn = 0
  /** How many messages the rate has room for. */
  let credit = Number.POSITIVE_INFINITY

  /** A message is in flight until it is acked and, on average, at every reader. */
  function roomInFlight(): boolean {
    const { sent, acked, arrived } = ledger.totals
    const through = Math.min(acked, Math.floor(arrived / ledger.fanout))
    return credit >= 1 && sent - through < window && counts.marks - counts.marked < markLimit
  }

  function send(): void {
    const { seat, stamp, connection } = outlets[turn++ % outlets.length]!
    const label = ledger.send(seat)
    credit--
    tally.depart(label.overall)
    connection.send(stamp(label.own, label.overall))
  }

  /** Sends what the window and the rate have room for. */
  function fill(): void {
    while (roomInFlight()) send()
  }

  return {
    fill,
    /** Keeps `fill` from sending more than so many a second, until the result is called. */
    atMost(perSecond: number): () => void {
      let before = performance.now()
      credit = Math.min(credit, 0)
      const timer = setInterval(() => {
        const now = performance.now()
        // What the window did not take is not made up for later.
        credit = Math.min(credit + ((now - before) * perSecond) / 1000, perSecond / 10)
        before = now
        fill()
      }, 1)
      return () => clearInterval(timer)
    },
    /** Sends so many a second, late ones at once, until the result is called. */
    steadily(perSecond: number): () => void {
      const started = performance.now()
      let sent = 0
      const timer = setInterval(() => {
        for (const due = ((performance.now() - started) * perSecond) / 1000; sent < due; sent++) send()
      }, 1)
      return () => clearInterval(timer)
    },
  }
}
