import type { Label } from './content.ts'
import type { Seat } from './layout.ts'
import { createRows } from './rows.ts'

/**
 * What was sent, what had to arrive for it, and what did. Pure counting, so that a loss can be planted and found.
 * `echoes`: to its sender too.
 */
export function createLedger(all: readonly Seat[], to: 'room' | 'direct', echoes: boolean) {
  const senders = all.filter(seat => seat.role === 'sender')
  const readers = all.filter(seat => seat.role === 'reader')
  const sentBy = new Float64Array(all.length)
  const sentTo = new Float64Array(to === 'room' ? 1 + Math.max(...all.map(seat => seat.room)) : all.length)
  const arrived = new Float64Array(all.length)
  const ackedTo = new Float64Array(all.length)
  const seen = new Map(all.filter(seat => seat.looksInside).map(seat => [seat, createRows()]))
  const totals = { sent: 0, arrived: 0, acked: 0, ackDisorder: 0 }

  const recipients = new Map(senders.map((sender, place) => [sender, readers[place % readers.length]!]))

  function expectedAt(seat: Seat): number {
    if (to === 'direct') return sentTo[seat.index]!
    return sentTo[seat.room]! - (echoes ? 0 : sentBy[seat.index]!)
  }

  const owedTo = (seat: Seat): number => expectedAt(seat) - arrived[seat.index]!
  const lost = (): number => all.reduce((total, seat) => total + Math.max(0, owedTo(seat)), 0)
  const extra = (): number => all.reduce((total, seat) => total + Math.max(0, -owedTo(seat)), 0)

  /** Readers of one room that saw its messages in another order than the room's first reader did. */
  function disagreeing(): number {
    const firsts = new Map<number, number>()
    let count = 0
    for (const [seat, rows] of to === 'room' ? seen : []) {
      if (seat.role === 'sender') continue
      const first = firsts.get(seat.room)
      const order = rows.order()
      if (first === undefined) firsts.set(seat.room, order)
      else if (first !== order) count++
    }
    return count
  }

  const sum = (count: 'gaps' | 'repeats'): number =>
    [...seen.values()].reduce((total, rows) => total + rows[count](), 0)

  return {
    totals,
    senders,
    /** Who a sender writes to in a direct run. */
    recipient: (sender: Seat) => recipients.get(sender)!,
    /** How many deliveries one message causes. */
    fanout: to === 'room' ? all.filter(seat => seat.room === 0).length - (echoes ? 0 : 1) : 1,
    /** Notes a send; the label is what the message has to say. */
    send(sender: Seat): Label {
      sentTo[to === 'room' ? sender.room : recipients.get(sender)!.index]!++
      return { sender: sender.index, own: sentBy[sender.index]!++, overall: totals.sent++ }
    },
    arrive(seat: Seat, count: number): void {
      arrived[seat.index]! += count
      totals.arrived += count
    },
    /** Takes note of a message that was looked into. */
    look: (seat: Seat, label: Label): void => seen.get(seat)?.look(label),
    /** The order in which the first reader saw the messages of the first room. */
    order: (): number => seen.get(readers[0]!)!.order(),
    ack(seat: Seat, label: Label): void {
      totals.acked++
      if (label.sender !== seat.index || label.own !== ackedTo[seat.index]!) totals.ackDisorder++
      ackedTo[seat.index] = label.own + 1
    },
    lost,
    settled: () => totals.acked === totals.sent && lost() === 0,
    /** Everything that doesn't add up, in words. */
    faults(): string[] {
      const counts: [number, string][] = [
        [lost(), 'deliveries lost'],
        [extra(), 'deliveries too many'],
        [sum('gaps'), "messages missing from a sender's row"],
        [sum('repeats'), 'messages repeated or out of order'],
        [disagreeing(), 'sampled readers saw another order'],
        [Math.max(0, totals.sent - totals.acked), 'sends without an ack'],
        [totals.ackDisorder, 'acks out of order or of another sender'],
      ]
      return counts.filter(([count]) => count !== 0).map(([count, what]) => `${count} ${what}`)
    },
  }
}
