import { setTimeout as sleep } from 'node:timers/promises'
import type { Numbers, StuckPlan } from './plan.ts'
import { residentBytes } from './proc.ts'
import { quantile } from './samples.ts'

/** Memory is read from /proc at no cost to the server; its own numbers cost it a few milliseconds each time. */
const EVERY_MS = { memory: 20, metrics: 250 }

/** Samples the server's memory, and what it says of its slow readers, until `stop`. */
export function startWatch({ pid, port, metrics }: StuckPlan) {
  const resident: number[] = []
  const held: number[] = []
  const slow: number[] = []
  let givenUp = 0
  let watching = true
  const timer = setInterval(() => resident.push(residentBytes(pid)), EVERY_MS.memory)
  const asking = metrics === undefined ? undefined : ask(`http://127.0.0.1:${port}${metrics}`)

  async function ask(url: string): Promise<void> {
    while (watching) {
      const text = await (await fetch(url)).text()
      held.push(metric(text, 'parley_outbox_bytes'))
      slow.push(metric(text, 'parley_slow_readers'))
      givenUp = metric(text, 'parley_slow_reader_turns_total', 'turn="closed"')
      await sleep(EVERY_MS.metrics)
    }
  }

  return {
    /** Readers that the server has closed for their slowness; 0 where it tells nothing. */
    givenUp: () => givenUp,
    /** Forgets the samples so far. */
    clear(): void {
      for (const samples of [resident, held, slow]) samples.length = 0
    },
    /** The numbers since `clear`. Growth is from the first quarter of the time to the last. */
    numbers(): Numbers {
      const quarter = Math.ceil(resident.length / 4)
      return {
        residentBytes: quantile(resident, 0.5),
        residentSpreadBytes: quantile(resident, 0.9) - quantile(resident, 0.1),
        residentGrowthBytes: quantile(resident.slice(-quarter), 0.5) - quantile(resident.slice(0, quarter), 0.5),
        ...(metrics === undefined ? {} : { heldBytes: quantile(held, 0.5), slowReaders: Math.max(0, ...slow) }),
      }
    },
    async stop(): Promise<void> {
      clearInterval(timer)
      watching = false
      await asking
    },
  }
}

/** The sum of a metric over its labels, or over those that hold `label`. */
function metric(text: string, name: string, label = ''): number {
  return text
    .split('\n')
    .filter(line => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
