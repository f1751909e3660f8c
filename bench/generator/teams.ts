import { setTimeout as sleep } from 'node:timers/promises'
import type { Result, TeamsPlan } from './plan.ts'
import { startClock } from './proc.ts'
import { createSamples } from './samples.ts'
import { openSession, sessionQuestion } from './sessions.ts'

/** Questions that one session is asked: it takes sixty a minute. */
const OF_ONE = 50

/** Answers of a team as fast as they come, one after the other in each of many sessions. */
export async function teams(plan: TeamsPlan): Promise<Result> {
  const counts = { chunks: 0, switches: 0, tools: 0, runs: 0 }
  const waits = createSamples()
  const trouble: string[] = []
  let isOver = false
  const people = plan.targets.map(async (target, person) => {
    for (let round = 0; !isOver; round++) await askMany(plan, { target, session: `team-${person}-${round}` })
  })

  async function askMany({ port, question }: TeamsPlan, where: { target: string; session: string }): Promise<void> {
    let answered: () => void = () => undefined
    const hear = (payload: Buffer) => {
      const start = payload.toString('latin1', 0, 20)
      if (start.startsWith('{"type":"stream_chun')) counts.chunks++
      else if (start.startsWith('{"type":"agent_switc')) counts.switches++
      else if (start.startsWith('{"type":"tool_execut')) counts.tools++
      else if (start.startsWith('{"type":"completion"')) answered()
      else if (start.startsWith('{"type":"error"')) fail(payload.toString('utf8', 0, 200))
    }
    const fail = (reason: string) => {
      if (!isOver) trouble.push(reason)
      answered()
    }
    const session = await openSession({ port, ...where }, hear, fail)
    for (let left = OF_ONE; left > 0 && !isOver && trouble.length === 0; left--) {
      const done = new Promise<void>(resolve => (answered = resolve))
      const asked = performance.now()
      session.say(sessionQuestion(question))
      await done
      waits.add(performance.now() - asked)
      counts.runs++
    }
    session.leave()
    if (trouble.length > 0) isOver = true
  }

  await sleep(plan.warmupSeconds * 1000)
  waits.clear()
  Object.assign(counts, { chunks: 0, switches: 0, tools: 0, runs: 0 })
  const clock = startClock(plan.pid)
  await sleep(plan.seconds * 1000)
  const used = clock.stop()
  const { chunks, switches, tools, runs } = counts
  isOver = true
  await Promise.all(people)
  const micros = used.serverCpuSeconds * 1e6
  return {
    ...used,
    lost: 0,
    faults: [...new Set(trouble.slice(0, 5))],
    numbers: {
      runsPerSecond: runs / used.seconds,
      chunksPerRun: chunks / runs,
      switchesPerRun: switches / runs,
      toolsPerRun: tools / runs,
      cpuMicrosPerRun: micros / runs,
      cpuMicrosPerChunk: micros / chunks,
      endP50: waits.quantile(0.5),
      endP99: waits.quantile(0.99),
    },
  }
}
