import { blankContent, blankLabel, countOffsets, DIGITS } from './content.ts'
import { dial } from './dial.ts'
import { dialects } from './dialects.ts'
import { frameTemplate } from './frames.ts'
import type { StuckPlan } from './plan.ts'

const WINDOW = 32
const LIMIT_MS = 60_000

/** Writes every guest its backlog in direct messages. Resolves when all are acked and the feeder is gone. */
export async function feed(plan: StuckPlan, guests: readonly number[]): Promise<void> {
  const { messages, contentLength } = plan.backlog
  const dialect = dialects[plan.dialect]
  const feeder = plan.targets.length - 1
  const content = blankContent(feeder, contentLength)
  const stamps = guests.map(guest => {
    const text = dialect.chat(content, blankLabel(feeder), 0, plan.names[guest])
    return frameTemplate(text, countOffsets(text, feeder), DIGITS)
  })
  const total = messages * stamps.length
  const done = Promise.withResolvers<void>()
  let sent = 0
  let acked = 0

  const connection = await dial(
    { port: plan.port, target: plan.targets[feeder]!, dialect },
    {
      countAbove: Number.POSITIVE_INFINITY,
      text(payload) {
        if (dialect.kind(payload) === 'sent') acked++
        if (acked === total) done.resolve()
        else pump()
      },
      read: () => {},
      closed: reason => done.reject(new Error(`the feeder's ${reason}`)),
    },
  )

  function pump(): void {
    for (; sent < total && sent - acked < WINDOW; sent++) {
      const own = Math.floor(sent / stamps.length)
      connection.send(stamps[sent % stamps.length]!(own, own))
    }
  }

  const deadline = setTimeout(
    () => done.reject(new Error(`${total - acked} messages of the backlog without an ack`)),
    LIMIT_MS,
  )
  pump()
  await done.promise
  clearTimeout(deadline)
  connection.destroy()
}
