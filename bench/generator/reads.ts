import { setTimeout as sleep } from 'node:timers/promises'
import { gatherCrowd } from './crowd.ts'
import { openDevice } from './device.ts'
import { dialAll } from './dial.ts'
import type { Numbers, ReadsPlan, Result } from './plan.ts'
import { KINDS, type Kind, questionsOf } from './questions.ts'
import { quantile } from './samples.ts'
import { measured, warmUp } from './traffic.ts'

/** How long an answer may take before it counts as lost. */
const PATIENCE_MS = 5_000
const POLL_MS = 5

/** Traffic of others while a user with a long past reads it, page by page. */
export async function reads(plan: ReadsPlan): Promise<Result> {
  const crowd = await gatherCrowd(plan)
  const reading = await openReader(plan)
  reading.start()
  await warmUp(crowd, plan)
  reading.clear()
  const result = await measured(crowd, plan)
  await reading.stop()
  crowd.disperse()
  const unanswered = reading.unanswered()
  return {
    ...result,
    lost: result.lost + unanswered,
    faults: [
      ...result.faults,
      ...reading.faults(),
      ...(unanswered === 0 ? [] : [`${unanswered} questions without an answer`]),
    ],
    numbers: { ...result.numbers, ...reading.numbers() },
  }
}

/** The reading user's devices: each asks one thing at a time, at a steady pace. */
async function openReader(plan: ReadsPlan) {
  const questions = questionsOf(plan.stock)
  const waits = new Map<Kind, number[]>(KINDS.map(kind => [kind, []]))
  const trouble: string[] = []
  let turn = 0
  const next = () => ({ question: questions(turn), id: `read-${turn++}` })
  const devices = await dialAll(plan.devices, plan.devices, () => openDevice(plan, { waits, trouble }, next))
  let timers: NodeJS.Timeout[] = []

  return {
    start(): void {
      timers = devices.map(device => setInterval(device.ask, 1000 / plan.perSecondEach))
    },
    clear(): void {
      for (const kind of waits.values()) kind.length = 0
    },
    async stop(): Promise<void> {
      for (const timer of timers) clearInterval(timer)
      const deadline = performance.now() + PATIENCE_MS
      while (devices.some(device => device.isWaiting()) && performance.now() < deadline) await sleep(POLL_MS)
      for (const device of devices) device.leave()
    },
    unanswered: () => devices.filter(device => device.isWaiting()).length,
    faults: () => [...new Set(trouble)].slice(0, 5),
    numbers: (): Numbers =>
      Object.fromEntries(
        [...waits].flatMap(([kind, of]) => [
          [`${kind}P50`, quantile(of, 0.5)],
          [`${kind}P99`, quantile(of, 0.99)],
          [`${kind}Count`, of.length],
        ]),
      ),
  }
}
