import { blankContent, countOffsets, DIGITS } from './content.ts'
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
    const text = dialect.chat(content, to)
    const stamp = frameTemplate(text, countOffsets(text.indexOf(content)), DIGITS)
    return { seat, stamp, connection: connections[seat.index]! }
  })
  let turn = 0

  /** A message is in flight until it is acked and, on average, at every reader. */
  function roomInFlight(): boolean {
    const { sent, acked, arrived } = ledger.totals
    const through = Math.min(acked, Math.floor(arrived / ledger.fanout))
    return sent - through < window && counts.marks - counts.marked < markLimit
  }

  function send(): void {
    const { seat, stamp, connection } = outlets[turn++ % outlets.length]!
    const label = ledger.send(seat)
    tally.depart(label.overall)
    connection.send(stamp(label.own, label.overall))
  }

  return {
    /** Sends what the window has room for. */
    fill(): void {
      while (roomInFlight()) send()
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
