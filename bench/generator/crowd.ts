import { type Connection, dial, dialAll } from './dial.ts'
import { dialects } from './dialects.ts'
import { createHearing } from './hear.ts'
import { type Seat, seats } from './layout.ts'
import { createOutlets } from './outlets.ts'
import type { Traffic } from './plan.ts'
import { createTally } from './tally.ts'

const DIALS_AT_ONCE = 50
const FAULTS_SHOWN = 5

export type Crowd = Awaited<ReturnType<typeof gatherCrowd>>

/** Opens all connections of a plan. Senders are quiet until `start`; readers count and mark from now on. */
export async function gatherCrowd(plan: Traffic) {
  const dialect = dialects[plan.dialect]
  const all = seats(plan)
  const tally = createTally(all, plan.to, dialect.echoes)
  const { counts, ledger, trouble } = tally
  const { load } = plan
  const hear = createHearing(dialect, tally, plan.markEvery ?? 1, () => {
    if ('paceMs' in load) setTimeout(fill, load.paceMs)
  })
  let sending = false
  let stopTimer = () => {}

  const connections = await dialAll(all.length, DIALS_AT_ONCE, index => join(all[index]!))
  const outlets = createOutlets(plan, dialect, tally, connections)

  function fill(): void {
    if (sending) outlets.fill()
  }

  async function join(seat: Seat): Promise<Connection> {
    const replies: Buffer[] = []
    const where = { port: plan.port, target: plan.targets[seat.index]!, dialect }
    const connection: Connection = await dial(where, {
      countAbove: seat.looksInside ? Number.POSITIVE_INFINITY : plan.contentLength + dialect.overhead,
      text(payload) {
        const reply = hear(seat, payload)
        if (reply !== undefined) replies.push(reply)
      },
      read(bytes, counted) {
        counts.lastArrival = performance.now()
        counts.bytes += bytes
        if (counted > 0) ledger.arrive(seat, counted)
        if (replies.length > 0) connection.send(Buffer.concat(replies.splice(0)))
        if ('window' in load) fill()
      },
      closed: reason => trouble.push(`connection ${seat.index} ${reason}`),
    })
    return connection
  }

  return {
    ...tally,
    start(): void {
      sending = true
      counts.lastArrival = performance.now()
      if ('perSecond' in load) stopTimer = outlets.steadily(load.perSecond)
      else fill()
      if ('window' in load && load.atMost !== undefined) stopTimer = outlets.atMost(load.atMost)
    },
    stop(): void {
      sending = false
      stopTimer()
    },
    /** Whether every send is acked and everywhere it belongs, and every mark confirmed. */
    settled: () => ledger.settled() && counts.marked === counts.marks,
    /** Everything that doesn't add up, in words. */
    faults(): string[] {
      const unconfirmed = counts.marks - counts.marked
      const cut = connections.filter(connection => !connection.atBoundary()).length
      return [
        ...ledger.faults(),
        ...(unconfirmed === 0 ? [] : [`${unconfirmed} marks without a confirmation`]),
        ...(cut === 0 ? [] : [`${cut} connections stopped within a frame`]),
        ...trouble.slice(0, FAULTS_SHOWN),
      ]
    },
    disperse(): void {
      for (const connection of connections) connection.destroy()
    },
  }
}
