import { setTimeout as sleep } from 'node:timers/promises'
import { dialAll } from './dial.ts'
import type { AgentsPlan, Result } from './plan.ts'
import { startClock } from './proc.ts'
import { roomLabel } from './rooms.ts'
import { createSights, openWatcher, type Sights, type Watcher } from './watcher.ts'

const DIALS_AT_ONCE = 50
const POLL_MS = 2
/** How long nothing may arrive before what is missing counts as lost. */
const PATIENCE_MS = 5_000

/** Bursts of questions, one in every room at the same time; everybody there has to see every step and the whole answer. */
export async function agents(plan: AgentsPlan): Promise<Result> {
  const sights = createSights()
  const { counts, waits, trouble } = sights
  const answer = Array.from({ length: plan.words }, (_, word) => `word${word % 10}`).join(' ')
  const watchers = await dialAll(plan.rooms * plan.watchersPerRoom, DIALS_AT_ONCE, index =>
    openWatcher(plan, index, answer, sights),
  )
  const bursts = createBursts(plan, answer, watchers, sights)

  await bursts.until(plan.warmupSeconds)
  for (const samples of Object.values(waits)) samples.clear()
  counts.steps = counts.bytes = 0
  const clock = startClock(plan.pid)
  const runs = (await bursts.until(plan.seconds)) * plan.rooms
  const used = clock.stop()
  const missing = watchers.filter(watcher => !watcher.hasAnswer()).length
  for (const watcher of watchers) watcher.leave()

  const steps = counts.steps / plan.watchersPerRoom
  return {
    ...used,
    lost: missing,
    faults: [...(missing === 0 ? [] : [`${missing} watchers without an answer`]), ...new Set(trouble.slice(0, 5))],
    numbers: {
      runs,
      runsPerSecond: runs / used.seconds,
      stepsPerRun: steps / runs,
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

/** The first watcher of each room asks, and when all have their answers the next burst begins. None after one that lost something. */
function createBursts(plan: AgentsPlan, answer: string, watchers: readonly Watcher[], sights: Sights) {
  let number = 0

  const areWaiting = (): boolean => watchers.some(watcher => !watcher.hasAnswer())

  async function burst(): Promise<void> {
    for (const watcher of watchers) watcher.expect()
    sights.askedAt = sights.counts.lastArrival = performance.now()
    const data = { message: `@assistant /repeat ${answer}` }
    for (let room = 0; room < plan.rooms; room++) {
      const question = { type: 'chat', data, room_id: roomLabel(room), message_id: `ask-${number}` }
      watchers[room * plan.watchersPerRoom]!.say(question)
    }
    number++
    while (areWaiting() && performance.now() - sights.counts.lastArrival < PATIENCE_MS) await sleep(POLL_MS)
  }

  return {
    /** At least one, then others as long as the time is not over. Resolves with how many. */
    async until(seconds: number): Promise<number> {
      const end = performance.now() + seconds * 1000
      let done = 0
      while (!areWaiting() && (done === 0 || performance.now() < end)) {
        await burst()
        done++
      }
      return done
    },
  }
}
