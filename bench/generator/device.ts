import { type Connection, dial } from './dial.ts'
import { dialects } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { ReadsPlan } from './plan.ts'
import type { Kind, Question } from './questions.ts'

/** Where devices put what they find. */
export interface Findings {
  /** Milliseconds to the answer, by kind. */
  readonly waits: ReadonlyMap<Kind, number[]>
  readonly trouble: string[]
}

/** A connection of the reading user, who asks one thing at a time. `next` is what it asks, with a name of its own. */
export async function openDevice(
  { port, targets }: ReadsPlan,
  { waits, trouble }: Findings,
  next: () => { readonly question: Question; readonly id: string },
) {
  let open: (ReturnType<typeof next> & { readonly at: number }) | undefined

  function hear(payload: Buffer): void {
    const now = performance.now()
    if (open === undefined || !payload.includes(`"message_id":"${open.id}"`)) return
    const { question, at } = open
    open = undefined
    waits.get(question.kind)!.push(now - at)
    // An answer of level 2; what it holds is checked.
    const { type, data } = JSON.parse(payload.toString()) as { type: string; data: object }
    const wrong = type === question.type ? question.check(data) : payload.toString('utf8', 0, 200)
    if (wrong !== undefined) trouble.push(wrong)
  }

  const connection: Connection = await dial(
    { port, target: targets.at(-1)!, dialect: dialects['rooms-2'] },
    {
      countAbove: Number.POSITIVE_INFINITY,
      text: hear,
      read: () => {},
      closed: reason => trouble.push(`the reader's ${reason}`),
    },
  )
  return {
    isWaiting: () => open !== undefined,
    /** Asks, unless an answer is still to come. */
    ask(): void {
      if (open !== undefined) return
      const { question, id } = next()
      const frame = { type: question.type, data: question.data, room_id: question.room, message_id: id }
      open = { question, id, at: performance.now() }
      connection.send(textFrame(JSON.stringify(frame)))
    },
    leave: connection.destroy,
  }
}
