import { setTimeout as sleep } from 'node:timers/promises'
import { gatherCrowd } from './crowd.ts'
import { type Connection, dial, dialAll } from './dial.ts'
import { dialects } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { Numbers, ReadsPlan, Result } from './plan.ts'
import { KINDS, type Kind, type Question, questionsOf } from './questions.ts'
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
  let isAsking = false
  const devices = await dialAll(plan.devices, plan.devices, () => openDevice())

  async function openDevice() {
    let open: { readonly question: Question; readonly id: string; readonly at: number } | undefined
    const connection: Connection = await dial(
      { port: plan.port, target: plan.targets.at(-1)!, dialect: dialects['rooms-2'] },
      {
        countAbove: Number.POSITIVE_INFINITY,
        text(payload) {
          const now = performance.now()
          if (open === undefined || !payload.includes(`"message_id":"${open.id}"`)) return
          waits.get(open.question.kind)!.push(now - open.at)
          // The answer to our own question, in the form of level 2; what it holds is checked.
          const { type, data } = JSON.parse(payload.toString()) as { type: string; data: object }
          const wrong = type === open.question.type ? open.question.check(data) : payload.toString('utf8', 0, 200)
          if (wrong !== undefined) trouble.push(wrong)
          open = undefined
        },
        read: () => {},
        closed: reason => trouble.push(`the reader's ${reason}`),
      },
    )
    return {
      waiting: () => open !== undefined,
      leave: connection.destroy,
      ask(): void {
        if (open !== undefined) return
        const question = questions(turn)
        const id = `read-${turn++}`
        const frame = { type: question.type, data: question.data, room_id: question.room, message_id: id }
        open = { question, id, at: performance.now() }
        connection.send(textFrame(JSON.stringify(frame)))
      },
    }
  }

  const timers = devices.map(device =>
    setInterval(() => {
      if (isAsking) device.ask()
    }, 1000 / plan.perSecondEach),
  )

  return {
    start(): void {
      isAsking = true
    },
    clear(): void {
      for (const kind of waits.values()) kind.length = 0
    },
    async stop(): Promise<void> {
      isAsking = false
      for (const timer of timers) clearInterval(timer)
      const deadline = performance.now() + PATIENCE_MS
      while (devices.some(device => device.waiting()) && performance.now() < deadline) await sleep(POLL_MS)
      for (const device of devices) device.leave()
    },
    unanswered: () => devices.filter(device => device.waiting()).length,
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
