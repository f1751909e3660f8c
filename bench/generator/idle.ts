import { setTimeout as sleep } from 'node:timers/promises'
import { dial, dialAll } from './dial.ts'
import { dialects } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { IdlePlan, Result } from './plan.ts'
import { residentBytes, startClock } from './proc.ts'

const DIALS_AT_ONCE = 100

/** Opens every connection, lets the server settle, and compares its memory with that before the first one. */
export async function idle(plan: IdlePlan): Promise<Result> {
  const dialect = dialects[plan.dialect]
  const pong = textFrame(dialect.pong)
  const closed: string[] = []
  const emptyBytes = residentBytes(plan.pid)

  const connections = await dialAll(plan.targets.length, DIALS_AT_ONCE, async index => {
    const where = { port: plan.port, target: plan.targets[index]!, dialect }
    const connection = await dial(where, {
      countAbove: Number.POSITIVE_INFINITY,
      text: payload => {
        if (dialect.kind(payload) === 'ping') connection.send(pong)
      },
      read: () => {},
      closed: reason => closed.push(reason),
    })
    return connection
  })

  const clock = startClock(plan.pid)
  await sleep(plan.settleSeconds * 1000)
  const used = clock.stop()
  const fullBytes = residentBytes(plan.pid)
  const lost = closed.length
  for (const connection of connections) connection.destroy()
  return {
    ...used,
    lost,
    faults: lost === 0 ? [] : [`${lost} connections closed while idle: ${closed[0]}`],
    numbers: {
      connections: connections.length,
      emptyMegabytes: emptyBytes / 1e6,
      fullMegabytes: fullBytes / 1e6,
      kilobytesPerConnection: (fullBytes - emptyBytes) / 1024 / connections.length,
      cpuPercentIdle: (100 * used.serverCpuSeconds) / used.seconds,
    },
  }
}
