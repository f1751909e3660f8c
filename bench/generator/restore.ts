import { setTimeout as sleep } from 'node:timers/promises'
import { numberIn } from './content.ts'
import type { RestorePlan, Result } from './plan.ts'
import { startClock } from './proc.ts'
import { createSamples } from './samples.ts'
import { openSession, sessionQuestion } from './sessions.ts'
import { openTeller } from './teller.ts'

/** How fast the model writes what there is to restore. */
const TOKENS_PER_SECOND = 2_000
const POLL_MS = 5
/** Longest time until the answer is long enough. */
const PATIENCE_MS = 60_000

/** The time from asking for a session to having it, with a long answer under way. */
export async function restore(plan: RestorePlan): Promise<Result> {
  const teller = await openTeller(plan.modelPort, TOKENS_PER_SECOND)
  const waits = createSamples()
  const trouble: string[] = []
  let [chunks, bytes] = [0, 0]
  let restored: () => void = () => undefined
  const session = await openSession(
    { port: plan.port, target: plan.targets[0]!, session: 'long' },
    payload => {
      const start = payload.toString('latin1', 0, 20)
      if (start.startsWith('{"type":"stream_chun')) chunks = numberIn(payload, '"chunk_id":')
      else if (start.startsWith('{"type":"session_res')) {
        bytes = payload.length
        restored()
      } else if (start.startsWith('{"type":"error"')) trouble.push(payload.toString('utf8', 0, 200))
    },
    reason => {
      trouble.push(reason)
      restored()
    },
  )
  session.say(sessionQuestion('stream 0'))
  const patience = performance.now() + PATIENCE_MS
  while (chunks < plan.chunks && trouble.length === 0 && performance.now() < patience) await sleep(POLL_MS)
  teller.pause()
  if (chunks < plan.chunks) trouble.push(`the answer has ${chunks} of ${plan.chunks} chunks`)

  async function askFor(seconds: number): Promise<number> {
    let times = 0
    for (const end = performance.now() + seconds * 1000; performance.now() < end && trouble.length === 0; times++) {
      const done = new Promise<void>(resolve => (restored = resolve))
      const asked = performance.now()
      session.say({ type: 'session_restore' })
      await done
      waits.add(performance.now() - asked)
    }
    return times
  }
  await askFor(plan.warmupSeconds)
  waits.clear()
  const clock = startClock(plan.pid)
  const times = await askFor(plan.seconds)
  const used = clock.stop()
  const [p50, p99] = [waits.quantile(0.5), waits.quantile(0.99)]
  const known = [...new Set(trouble.slice(0, 5))]
  session.leave()
  teller.end()
  teller.close()
  return {
    ...used,
    lost: 0,
    faults: known,
    numbers: {
      restoredChunks: chunks,
      restoredBytes: bytes,
      cpuMillis: (used.serverCpuSeconds * 1000) / times,
      endP50: p50,
      endP99: p99,
    },
  }
}
