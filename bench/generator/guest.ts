import { setTimeout as sleep } from 'node:timers/promises'
import { labelIn } from './content.ts'
import { dial } from './dial.ts'
import { dialects } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { StuckPlan } from './plan.ts'
import { createRows } from './rows.ts'

/** How long nothing may arrive before what is missing counts as lost. */
const PATIENCE_MS = 5_000
const POLL_MS = 5

export type Guest = Awaited<ReturnType<typeof seatGuest>>

/** A reader beside the crowd, who can stop reading and looks into every message once it reads. */
export async function seatGuest(plan: StuckPlan, index: number) {
  const dialect = dialects[plan.dialect]
  const feeder = plan.targets.length - 1
  const rows = { fed: createRows(), room: createRows() }
  const trouble: string[] = []
  let received = 0
  let lastArrival = performance.now()
  let ending: string | undefined

  const connection = await dial(
    { port: plan.port, target: plan.targets[index]!, dialect },
    {
      countAbove: Number.POSITIVE_INFINITY,
      text(payload) {
        const kind = dialect.kind(payload)
        if (kind === 'ping') return connection.send(textFrame(dialect.pong))
        if (kind !== 'chat') return void trouble.push(`unexpected frame: ${payload.toString('utf8', 0, 200)}`)
        const label = labelIn(payload)
        received++
        rows[label.sender === feeder ? 'fed' : 'room'].look(label)
      },
      read: () => {
        lastArrival = performance.now()
      },
      closed: reason => {
        ending = reason
      },
    },
  )

  return {
    pause: connection.pause,
    resume(): void {
      lastArrival = performance.now()
      connection.resume()
    },
    /** Resolves when so many messages have arrived, or nothing more does. */
    async arrived(count: number): Promise<void> {
      while (received < count && ending === undefined && performance.now() - lastArrival < PATIENCE_MS)
        await sleep(POLL_MS)
    },
    received: () => received,
    /** How the server ended the connection, in words; undefined while it is open. */
    ending: () => ending,
    /** A hash of the order in which it saw the messages of the room. */
    order: rows.room.order,
    /** What doesn't add up in what has arrived so far, in words. */
    faults(): string[] {
      const [gaps, repeats] = [rows.fed.gaps() + rows.room.gaps(), rows.fed.repeats() + rows.room.repeats()]
      return [
        ...(gaps === 0 ? [] : [`a guest was not shown ${gaps} messages between others`]),
        ...(repeats === 0 ? [] : [`a guest was shown ${repeats} messages twice or out of order`]),
        ...trouble.slice(0, 1),
      ]
    },
    leave: connection.destroy,
  }
}
