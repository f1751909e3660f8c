import { setTimeout as sleep } from 'node:timers/promises'
import { numberIn } from './content.ts'
import { type Connection, dial, dialAll } from './dial.ts'
import { dialects } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { AgentsPlan, Result } from './plan.ts'
import { startClock } from './proc.ts'
import { roomLabel } from './rooms.ts'
import { createSamples } from './samples.ts'

const DIALS_AT_ONCE = 50
const POLL_MS = 2
/** How long nothing may arrive before what is missing counts as lost. */
const PATIENCE_MS = 5_000

/** Bursts of questions, one in every room at the same time; everybody there has to see every step and the whole answer. */
export async function agents(plan: AgentsPlan): Promise<Result> {
  const trouble: string[] = []
  const waits = { first: createSamples(), end: createSamples() }
  const answer = Array.from({ length: plan.words }, (_, word) => `word${word % 10}`).join(' ')
  const counts = { steps: 0, lastArrival: 0, missing: 0, bytes: 0 }
  let askedAt = 0
  const watchers = await dialAll(plan.rooms * plan.watchersPerRoom, DIALS_AT_ONCE, index => watch(index))

  async function watch(index: number) {
    let next = 1
    let state: 'waiting' | 'answered' = 'answered'
    const connection: Connection = await dial(
      { port: plan.port, target: plan.targets[index]!, dialect: dialects['rooms-2'] },
      {
        countAbove: Number.POSITIVE_INFINITY,
        text(payload) {
          const start = payload.toString('latin1', 0, 20)
          if (start.startsWith('{"type":"run_text"')) step(payload)
          else if (start.startsWith('{"type":"chat"') && payload.includes('"role":"assistant"')) end(payload)
          else if (start.startsWith('{"type":"error"'))
            trouble.push(`a watcher got ${payload.toString('utf8', 0, 200)}`)
        },
        read: bytes => {
          counts.bytes += bytes
          counts.lastArrival = performance.now()
        },
        closed: reason => trouble.push(`a watcher's ${reason}`),
      },
    )

    function step(payload: Buffer): void {
      const n = numberIn(payload, '"n":')
      if (n !== next) trouble.push(`a watcher saw step ${n} in place of ${next}`)
      if (n === 1) waits.first.add(performance.now() - askedAt)
      next = n + 1
      counts.steps++
    }

    function end(payload: Buffer): void {
      if (!payload.includes(`"content":"${answer}"`)) trouble.push('a watcher saw another answer')
      if (next === 1) trouble.push('a watcher saw no step of an answer')
      waits.end.add(performance.now() - askedAt)
      state = 'answered'
    }

    return {
      connection,
      hasAnswer: () => state === 'answered',
      expect(): void {
        state = 'waiting'
        next = 1
      },
    }
  }

  /** One burst. False when something of it was lost. */
  async function burst(number: number): Promise<boolean> {
    for (const watcher of watchers) watcher.expect()
    askedAt = counts.lastArrival = performance.now()
    for (let room = 0; room < plan.rooms; room++) {
      const data = { message: `@assistant /repeat ${answer}` }
      const question = { type: 'chat', data, room_id: roomLabel(room), message_id: `ask-${number}` }
      watchers[room * plan.watchersPerRoom]!.connection.send(textFrame(JSON.stringify(question)))
    }
    while (watchers.some(watcher => !watcher.hasAnswer())) {
      if (performance.now() - counts.lastArrival > PATIENCE_MS) {
        counts.missing += watchers.filter(watcher => !watcher.hasAnswer()).length
        return false
      }
      await sleep(POLL_MS)
    }
    return true
  }

  /** Bursts until the time is over; how many. */
  async function bursts(seconds: number, from: number): Promise<number> {
    const until = performance.now() + seconds * 1000
    let done = 0
    do if (!(await burst(from + done++))) break
    while (performance.now() < until)
    return done
  }

  const before = await bursts(plan.warmupSeconds, 0)
  for (const samples of Object.values(waits)) samples.clear()
  counts.steps = counts.bytes = 0
  const clock = startClock(plan.pid)
  const done = counts.missing > 0 ? 0 : await bursts(plan.seconds, before)
  const used = clock.stop()
  for (const { connection } of watchers) connection.destroy()

  const steps = counts.steps / plan.watchersPerRoom
  return {
    ...used,
    lost: counts.missing,
    faults: [
      ...(counts.missing === 0 ? [] : [`${counts.missing} watchers without an answer`]),
      ...new Set(trouble.slice(0, 5)),
    ],
    numbers: {
      runs: done * plan.rooms,
      runsPerSecond: (done * plan.rooms) / used.seconds,
      stepsPerRun: steps / (done * plan.rooms),
      cpuMicrosPerStep: (used.serverCpuSeconds * 1e6) / steps,
      cpuMicrosPerDelivery: (used.serverCpuSeconds * 1e6) / counts.steps,
      deliveriesPerSecond: counts.steps / used.seconds,
      bytesPerDelivery: counts.bytes / counts.steps,
      firstP50: waits.first.quantile(0.5),
      firstP99: waits.first.quantile(0.99),
      endP50: waits.end.quantile(0.5),
      endP99: waits.end.quantile(0.99),
    },
  }
}
