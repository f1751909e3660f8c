import { type Life, marksOf } from '../history.ts'
import type { Actor, Member, Stage } from './actor.ts'
import { type Frame, isPushed, openWire, type Wire } from './wire.ts'

/** Marks single messages, about every second one. */
export function singleMarker(member: Member, { history, random }: Stage): Actor {
  const marks = marksOf(history, member.name)
  return {
    async enter(url) {
      const life: Life = { user: member.name, shown: [] }
      const wire = await openWire(url, member.key, frame => {
        if (frame.type === 'marked_read' && frame.message_id) marks.acknowledged.add(frame.message_id)
        if (!isPushed(frame)) return
        life.shown.push(frame.id)
        if (random.chance(0.5)) return
        marks.asked.add(frame.id)
        wire.send({ type: 'mark_read', message_id: frame.id })
      })
      return {
        life,
        async work() {
          life.closed = await wire.closed
        },
      }
    },
  }
}

/** Marks single messages, and now and then everything, the room, or what one person wrote. */
export function bulkMarker(member: Member, { history, random }: Stage): Actor {
  const marks = marksOf(history, member.name)
  marks.bulk = true
  /** Shown, and not yet covered by an acknowledged mark. */
  const waiting = new Map<string, Frame>()

  const covered = (test: (frame: Frame) => boolean) => [...waiting].filter(([, f]) => test(f)).map(([id]) => id)
  const isDirect = (frame: Frame) => frame.message_type === 'direct'
  const requests: readonly ((frame: Frame & { id: string }) => Request)[] = [
    () => ({ frame: { type: 'mark_all_read' }, ids: covered(() => true) }),
    () => ({ frame: { type: 'mark_room_read' }, ids: covered(frame => !isDirect(frame)) }),
    ({ from_username }) => ({
      frame: { type: 'mark_direct_read', from_username },
      ids: covered(frame => isDirect(frame) && frame.from_username === from_username),
    }),
  ]
  const single = ({ id }: Frame & { id: string }): Request => ({
    frame: { type: 'mark_read', message_id: id },
    ids: [id],
  })

  function hear(frame: Frame, life: Life, wire: Wire, asked: Request[]): void {
    if (isPushed(frame)) {
      life.shown.push(frame.id)
      waiting.set(frame.id, frame)
      if (random.chance(0.8)) return
      const request = random.chance(0.2) ? random.pick(requests)(frame) : single(frame)
      asked.push(request)
      wire.send(request.frame)
    } else if (frame.type === 'marked_read' || frame.type === 'marked_all_read') {
      // Answers come in the order of the requests.
      for (const id of asked.shift()?.ids ?? []) {
        marks.acknowledged.add(id)
        waiting.delete(id)
      }
    } else if (frame.type === 'error') asked.shift()
  }

  return {
    async enter(url) {
      const life: Life = { user: member.name, shown: [] }
      const asked: Request[] = []
      const wire: Wire = await openWire(url, member.key, frame => hear(frame, life, wire, asked))
      return {
        life,
        async work() {
          life.closed = await wire.closed
        },
      }
    },
  }
}

interface Request {
  readonly frame: object
  /** What is read once it is answered. */
  readonly ids: readonly string[]
}
