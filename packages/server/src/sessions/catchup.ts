import type { Context } from '../core/context.ts'
import type { RoomId } from '../core/ids.ts'
import { type Fanout, hiddenFrom } from './fanout.ts'
import { textFrame } from './frame.ts'
import { eventsAfter, type Stretch } from './log.ts'
import type { Session } from './session.ts'

/** Rooms that are read side by side for one slow reader. Who missed events of more has to come back and resume. */
const ROOMS_MAX = 100

/** How catching up ended: nothing is missing any more, the socket is full again, or there was too much. */
export type CaughtUp = 'live' | 'full' | 'too_much'

/**
 * Writes to a socket that fell behind what it missed, from the log, as long as it takes it; when it is full again the next
 * drain goes on from there. Events of different rooms keep the order of their times, and in one moment that in which they
 * were stored, so that a client which notes the time of the last one it saw, and is cut off here, has missed nothing before it.
 */
export async function catchUp(ctx: Context, fanout: Fanout, session: Session): Promise<CaughtUp> {
  const { outbox } = session
  while (outbox.flow.state === 'behind') {
    if (outbox.isFull) return 'full'
    const { missed } = outbox.flow
    if (missed.size > ROOMS_MAX) return 'too_much'
    const rooms = [...missed]
    const found = await Promise.all(rooms.map(([room, seq]) => eventsAfter(ctx, room, seq)))
    const stretches = found.map(stretch => upTo(fanout.seen(stretch.room), stretch))
    const complete = writeMerged(session, stretches, missed)
    // Nothing passes between this comparison and the next push, so no event is lost or shown twice.
    if (complete) settle(stretches, missed, fanout)
    if (missed.size === 0) outbox.caughtUp()
  }
  return 'live'
}

/** Without what the log has and nobody was shown yet: that will be pushed. */
function upTo(seen: number, stretch: Stretch): Stretch {
  // A room that is not followed any more is silent: all of it was pushed to whoever keeps up.
  if (seen === 0 || stretch.last <= seen) return stretch
  return { ...stretch, entries: stretch.entries.filter(({ event }) => event.seq <= seen), last: seen, end: true }
}

/** Writes events in the order of their times and notes how far each room got. False when the socket filled up first. */
function writeMerged(session: Session, stretches: readonly Stretch[], missed: Map<RoomId, number>): boolean {
  // Beyond the end of a stretch that goes on, events of its room are not known yet.
  const known = Math.min(...stretches.map(stretch => (stretch.end ? Number.POSITIVE_INFINITY : stretch.until)))
  const entries = stretches.flatMap(placed).filter(({ at }) => at <= known)
  for (const { event } of entries.sort((a, b) => a.at - b.at || a.place - b.place)) {
    if (session.outbox.isFull) return false
    const text = hiddenFrom(event) === session.userId ? null : session.view.encode(event)
    if (text !== null) session.outbox.write(textFrame(text))
    missed.set(event.room.id, event.seq)
  }
  return true
}

/** Entries with their place among those of other rooms: the number of the message, or of the one before what is none. */
function placed({ entries }: Stretch) {
  let place = 0
  return entries.map(({ event, at }) => {
    if (event.type === 'message.sent') place = event.message.number
    return { event, at, place }
  })
}

/** Rooms of which everything was written need no more reading, once that is all that others were shown. */
function settle(stretches: readonly Stretch[], missed: Map<RoomId, number>, fanout: Fanout): void {
  for (const { room, entries, last, end } of stretches) {
    const written = missed.get(room) ?? 0
    const all = written >= (entries.at(-1)?.event.seq ?? 0)
    if (all) missed.set(room, Math.max(written, last))
    if (all && end && last >= fanout.seen(room)) missed.delete(room)
  }
}
