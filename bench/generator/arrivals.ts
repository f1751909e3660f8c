import { type Connection, dial, dialAll } from './dial.ts'
import { dialects } from './dialects.ts'
import type { ConnectPlan, Result } from './plan.ts'
import { startClock } from './proc.ts'
import { createSamples } from './samples.ts'

/** Source addresses of the loopback network in turn, so that no single one runs out of ports over several rounds. */
const ADDRESSES = 8

/** Opens every connection as fast as the server takes them, a fixed number at once; each counts when it may send. */
export async function arrivals(plan: ConnectPlan): Promise<Result> {
  const dialect = dialects[plan.dialect]
  const waits = createSamples()
  const refused: string[] = []
  const open: Connection[] = []
  const ignore = { countAbove: Number.POSITIVE_INFINITY, text: () => {}, read: () => {} }
  const closed = (reason: string): void => void refused.push(reason)

  const clock = startClock(plan.pid)
  await dialAll(plan.targets.length, plan.atOnce, async index => {
    const started = performance.now()
    const from = `127.0.0.${1 + (index % ADDRESSES)}`
    const where = { port: plan.port, target: plan.targets[index]!, dialect, from }
    await dial(where, { ...ignore, closed }).then(
      connection => {
        waits.add(performance.now() - started)
        open.push(connection)
      },
      (error: Error) => closed(error.message),
    )
  })
  const used = clock.stop()
  for (const connection of open) connection.destroy()
  return {
    ...used,
    lost: refused.length,
    faults: refused.length === 0 ? [] : [`${refused.length} connections refused or closed: ${refused[0]}`],
    numbers: {
      connections: open.length,
      connectsPerSecond: open.length / used.seconds,
      cpuMicrosPerConnect: (used.serverCpuSeconds * 1e6) / open.length,
      connectP50: waits.quantile(0.5),
      connectP99: waits.quantile(0.99),
    },
  }
}
