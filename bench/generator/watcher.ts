import { numberIn } from './content.ts'
import { type Connection, dial } from './dial.ts'
import { dialects } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { AgentsPlan } from './plan.ts'
import { createSamples } from './samples.ts'

/** What all watchers have seen. */
export function createSights() {
  return {
    counts: { steps: 0, bytes: 0, lastArrival: 0 },
    /** Milliseconds from the question to the first step and to the whole answer. */
    waits: { first: createSamples(), end: createSamples() },
    trouble: [] as string[],
    askedAt: 0,
  }
}

export type Sights = ReturnType<typeof createSights>
export type Watcher = Awaited<ReturnType<typeof openWatcher>>

/** Somebody in a room who has to see every step of an answer, then the whole: `answer`. */
export async function openWatcher(plan: AgentsPlan, index: number, answer: string, sights: Sights) {
  const { counts, waits, trouble } = sights
  const whole = `"content":"${answer}"`
  let next = 1
  let state: 'waiting' | 'answered' = 'answered'

  function step(payload: Buffer): void {
    const n = numberIn(payload, '"n":')
    if (n !== next) trouble.push(`a watcher saw step ${n} in place of ${next}`)
    if (n === 1) waits.first.add(performance.now() - sights.askedAt)
    next = n + 1
    counts.steps++
  }

  function end(payload: Buffer): void {
    if (!payload.includes(whole)) trouble.push('a watcher saw another answer')
    if (next === 1) trouble.push('a watcher saw no step of an answer')
    waits.end.add(performance.now() - sights.askedAt)
    state = 'answered'
  }

  const connection: Connection = await dial(
    { port: plan.port, target: plan.targets[index]!, dialect: dialects['rooms-2'] },
    {
      countAbove: Number.POSITIVE_INFINITY,
      text(payload) {
        const start = payload.toString('latin1', 0, 20)
        if (start.startsWith('{"type":"run_text"')) step(payload)
        else if (start.startsWith('{"type":"chat"') && payload.includes('"role":"assistant"')) end(payload)
        else if (start.startsWith('{"type":"error"')) trouble.push(`a watcher got ${payload.toString('utf8', 0, 200)}`)
      },
      read: bytes => {
        counts.bytes += bytes
        counts.lastArrival = performance.now()
      },
      closed: reason => trouble.push(`a watcher's ${reason}`),
    },
  )
  return {
    say: (frame: object): void => connection.send(textFrame(JSON.stringify(frame))),
    hasAnswer: () => state === 'answered',
    /** Another answer begins. */
    expect(): void {
      state = 'waiting'
      next = 1
    },
    leave: connection.destroy,
  }
}
