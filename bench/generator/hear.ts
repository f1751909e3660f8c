import { labelIn } from './content.ts'
import type { Dialect } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { Seat } from './layout.ts'
import type { Tally } from './tally.ts'

/** What a connection does with a frame it looks into; markers mark one message of `markEvery`. Returns the frame to answer with, if any. */
export function createHearing(dialect: Dialect, tally: Tally, markEvery: number, acked: () => void) {
  const { counts, latency, ledger, trouble } = tally

  function hearChat(seat: Seat, payload: Buffer): Buffer | undefined {
    const label = labelIn(payload)
    ledger.arrive(seat, 1)
    ledger.look(seat, label)
    if (seat.role === 'reader') latency.delivery.add(tally.age(label.overall))
    if (!seat.marks || label.overall % markEvery !== 0) return undefined
    counts.marks++
    return textFrame(dialect.markRead(payload))
  }

  function hearAck(seat: Seat, payload: Buffer): void {
    const label = labelIn(payload, dialect.ackMark)
    ledger.ack(seat, label)
    latency.ack.add(tally.age(label.overall))
    acked()
  }

  return (seat: Seat, payload: Buffer): Buffer | undefined => {
    const kind = dialect.kind(payload)
    switch (kind) {
      case 'chat':
        return hearChat(seat, payload)
      case 'ping':
        return textFrame(dialect.pong)
      case 'sent':
        hearAck(seat, payload)
        return undefined
      case 'marked':
        counts.marked++
        return undefined
      case 'receipt':
        counts.receipts++
        if (!dialect.confirmsMarks) counts.marked++
        return undefined
      case 'aside':
        return undefined
      case 'error':
      case 'other':
        trouble.push(`unexpected frame: ${payload.toString('utf8', 0, 200)}`)
        return undefined
      default:
        return kind satisfies never
    }
  }
}
