import { setTimeout as sleep } from 'node:timers/promises'
import { numberIn } from './content.ts'
import { type Connection, dial, dialAll } from './dial.ts'
import { dialects } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { Result, StreamsPlan } from './plan.ts'
import { startClock } from './proc.ts'
import { roomLabel } from './rooms.ts'
import { createSamples } from './samples.ts'
import { SESSION_GREETING, sessionQuestion, sessionTarget } from './sessions.ts'
import { openTeller } from './teller.ts'

const DIALS_AT_ONCE = 50
const POLL_MS = 5
/** How long nothing may arrive before what is missing counts as lost, and how long answers may take to begin. */
const PATIENCE_MS = 5_000
const BEGIN_MS = 30_000
/** Longest wait for what a server that fell behind still has to show. */
const BEHIND_MS = 90_000

type Teller = Awaited<ReturnType<typeof openTeller>>

/** Answers of a model that come at a steady rate in all rooms at once, and everybody in the rooms reads along. */
export async function streams(plan: StreamsPlan): Promise<Result> {
  const teller = await openTeller(plan.modelPort, plan.tokensPerSecond)
  const sights = createSights(teller)
  const { counts, latency, trouble } = sights
  const watchers = await dialAll(plan.rooms * plan.watchersPerRoom, DIALS_AT_ONCE, index =>
    openReader(plan, index, sights),
  )
  for (let room = 0; room < plan.rooms; room++) {
    watchers[room * plan.watchersPerRoom]!.say(wires[plan.over].question(room))
  }
  await until(() => teller.streams() === plan.rooms, BEGIN_MS)

  await sleep(plan.warmupSeconds * 1000)
  latency.clear()
  counts.steps = counts.bytes = 0
  const clock = startClock(plan.pid)
  await sleep(plan.seconds * 1000)
  const used = clock.stop()
  const { steps, bytes } = counts
  const [p50, p99] = [latency.quantile(0.5), latency.quantile(0.99)]

  teller.end()
  const missing = () => watchers.reduce((sum, { room, tokens }) => sum + teller.written(room) - tokens(), 0)
  await until(() => missing() === 0 || performance.now() - counts.lastArrival > PATIENCE_MS, BEHIND_MS)
  const lost = missing()
  for (const watcher of watchers) watcher.leave()
  teller.close()
  const begun = teller.streams()
  return {
    ...used,
    lost,
    faults: [
      ...(begun === plan.rooms ? [] : [`${begun} of ${plan.rooms} answers began`]),
      ...(lost === 0 ? [] : [`${lost} steps lost`]),
      ...new Set(trouble.slice(0, 5)),
    ],
    numbers: {
      cpuPercentPerStream: (100 * used.serverCpuSeconds) / used.seconds / plan.rooms,
      cpuMicrosPerDelivery: (used.serverCpuSeconds * 1e6) / steps,
      deliveriesPerSecond: steps / used.seconds,
      tokensPerSecondAndStream: steps / used.seconds / plan.rooms / plan.watchersPerRoom,
      bytesPerDelivery: bytes / steps,
      latencyP50: p50,
      latencyP99: p99,
    },
  }
}

const createSights = (teller: Teller) => ({
  teller,
  counts: { steps: 0, bytes: 0, lastArrival: 0 },
  /** Milliseconds from the model's write of a token to its arrival. */
  latency: createSamples(),
  trouble: [] as string[],
})

/** How questions and tokens are said. */
const wires = {
  'rooms-2': {
    target: (target: string) => target,
    greeting: dialects['rooms-2'].greeting,
    question: (room: number) => ({
      type: 'chat',
      data: { message: `@assistant stream ${room}` },
      room_id: roomLabel(room),
      message_id: `ask-${room}`,
    }),
    ...{ type: '{"type":"run_text"', place: '"n":', text: '"text":"t' },
  },
  agents: {
    target: (target: string, room: number) => sessionTarget(target, `stream-${room}`),
    greeting: SESSION_GREETING,
    question: (room: number) => sessionQuestion(`stream ${room}`),
    ...{ type: '{"type":"stream_chunk"', place: '"chunk_id":', text: '"content":"t' },
  },
} as const

/** Somebody in a room who has to be shown every token of its answer, once and in order. */
async function openReader(plan: StreamsPlan, index: number, sights: ReturnType<typeof createSights>) {
  const { teller, counts, latency, trouble } = sights
  let tokens = 0
  const room = Math.floor(index / plan.watchersPerRoom)
  const { target, greeting, type, place, text } = wires[plan.over]
  const connection: Connection = await dial(
    { port: plan.port, target: target(plan.targets[index]!, room), dialect: { greeting } },
    {
      countAbove: Number.POSITIVE_INFINITY,
      text(payload) {
        const start = payload.toString('latin1', 0, 24)
        if (start.startsWith('{"type":"error"')) trouble.push(`a watcher got ${payload.toString('utf8', 0, 200)}`)
        if (!start.startsWith(type)) return
        const n = numberIn(payload, place)
        if (n !== ++tokens) trouble.push(`a watcher saw step ${n} in place of ${tokens}`)
        latency.add(teller.age(numberIn(payload, text)))
        counts.steps++
      },
      read: bytes => {
        counts.bytes += bytes
        counts.lastArrival = performance.now()
      },
      closed: reason => trouble.push(`a watcher's ${reason}`),
    },
  )
  return {
    room,
    tokens: () => tokens,
    say: (frame: object): void => connection.send(textFrame(JSON.stringify(frame))),
    leave: connection.destroy,
  }
}

async function until(holds: () => boolean, limit: number): Promise<void> {
  const end = performance.now() + limit
  while (!holds() && performance.now() < end) await sleep(POLL_MS)
}
