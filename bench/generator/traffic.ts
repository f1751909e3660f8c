import { setTimeout as sleep } from 'node:timers/promises'
import { type Crowd, gatherCrowd } from './crowd.ts'
import type { Result, Traffic } from './plan.ts'
import { startClock } from './proc.ts'

/** How long nothing may arrive before what is missing counts as lost. Receipts may be dropped, so they get less. */
const PATIENCE_MS = { required: 5_000, receipts: 300 }
const POLL_MS = 2

/** Senders keep messages in flight, readers count, some mark; then everything has to add up. */
export async function traffic(plan: Traffic): Promise<Result> {
  const crowd = await gatherCrowd(plan)
  await warmUp(crowd, plan)
  const result = await measured(crowd, plan)
  crowd.disperse()
  return result
}

/** The same load for a while, not counted. */
export async function warmUp(crowd: Crowd, { warmupSeconds }: Traffic): Promise<void> {
  if (warmupSeconds > 0) await drive(crowd, warmupSeconds)
}

/** The measured time of a crowd. */
export async function measured(crowd: Crowd, plan: Traffic): Promise<Result> {
  const { ledger, latency, counts } = crowd
  const before = { ...counts, ...ledger.totals }
  latency.ack.clear()
  latency.delivery.clear()
  const clock = startClock(plan.pid)
  await drive(crowd, plan.seconds)
  const used = clock.stop()

  const seconds = (counts.lastArrival - clock.started) / 1000
  const sent = ledger.totals.sent - before.sent
  const delivered = ledger.totals.arrived - before.arrived
  const marks = counts.marks - before.marks
  const faults = crowd.faults()
  return {
    ...used,
    seconds,
    lost: ledger.lost(),
    faults,
    numbers: {
      sent,
      delivered,
      marks,
      deliveriesPerSecond: delivered / seconds,
      sendsPerSecond: sent / seconds,
      cpuSeconds: used.serverCpuSeconds,
      cpuMicrosPerDelivery: (used.serverCpuSeconds * 1e6) / delivered,
      cpuMicrosPerSend: (used.serverCpuSeconds * 1e6) / sent,
      bytesPerDelivery: (counts.bytes - before.bytes) / delivered,
      receiptsPerMark: (counts.receipts - before.receipts) / marks,
      deliveryP50: latency.delivery.quantile(0.5),
      deliveryP99: latency.delivery.quantile(0.99),
      ackP50: latency.ack.quantile(0.5),
      ackP99: latency.ack.quantile(0.99),
    },
  }
}

/** Sends for `seconds`, then waits until all has arrived, or nothing more does. */
async function drive(crowd: Crowd, seconds: number): Promise<void> {
  crowd.start()
  await sleep(seconds * 1000)
  crowd.stop()
  for (;;) {
    const settled = crowd.settled()
    if (settled && crowd.counts.receipts >= crowd.counts.marks) return
    const patience = settled ? PATIENCE_MS.receipts : PATIENCE_MS.required
    if (performance.now() - crowd.counts.lastArrival > patience) return
    await sleep(POLL_MS)
  }
}
