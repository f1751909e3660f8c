import type { Context } from '../core/context.ts'
import type { LogId, RoomEvent, RunEvent } from '../core/events.ts'
import type { RoomId, RunId } from '../core/ids.ts'
import { type Entry, eventsAfter, type Stretch, stepsAfter } from '../core/replay.ts'
import type { Fanout } from './fanout.ts'
import { textFrame } from './frame.ts'
import { replayed } from './rooms.ts'
import type { Session } from './session.ts'

/** Logs that are read side by side for one slow reader. Of more, those without cursors have to come back. */
const LOGS_MAX = 100

/** How catching up ended: nothing is missing any more, the socket is full again, or there was too much. */
export type CaughtUp = 'live' | 'full' | 'too_much'

/**
 * Writes to a socket that fell behind what it missed, from the logs, as long as it takes it; when it is full again the next
 * drain goes on from there. Events of different logs keep the order of their times, and in one moment that in which they
 * were stored, so that a client which notes the time of the last one it saw, and is cut off here, has missed nothing before it.
 */
export async function catchUp(ctx: Context, fanout: Fanout, session: Session): Promise<CaughtUp> {
  const { outbox, view } = session
  while (outbox.flow.state === 'behind') {
    if (outbox.isFull) return 'full'
    const { missed, logs: watched } = outbox.flow
    if (missed.size > LOGS_MAX && view.catchUp !== 'cursor') return 'too_much'
    const logs = [...missed].slice(0, LOGS_MAX)
    const followed = new Set(logs.flatMap(([log]) => (fanout.isFollowed(log) ? [log] : [])))
    const read = await Promise.all(logs.map(([log, position]) => stretchAfter(ctx, log, position)))
    // The reader may have lost a room meanwhile, or have gone back in one.
    const found = read.filter(({ log }, i) => missed.get(log) === logs[i]?.[1])
    const stretches = found.map(stretch => shownOf(fanout, stretch, followed.has(stretch.log)))
    const isForAnother = (event: RoomEvent) => fanout.runs.isForAnother(session, event)
    const complete = writeMerged(session, stretches, { missed, watched, isForAnother })
    // Nothing passes between this comparison and the next push, so no event is lost or shown twice.
    if (complete) settle(stretches, missed, fanout)
    if (missed.size === 0) outbox.caughtUp()
  }
  return 'live'
}

async function stretchAfter(ctx: Context, log: LogId, position: number): Promise<Stretch> {
  // Ids of rooms and of runs are uuids, none of which is both.
  const room = await ctx.directory.room(log as RoomId)
  return room ? eventsAfter(ctx, room.id, position) : stepsAfter(ctx, log as RunId, position)
}

/** Without what the log has and nobody was shown yet: that will be pushed. What was shown since it was read is still to be read. */
function shownOf(fanout: Fanout, stretch: Stretch, wasFollowed: boolean): Stretch {
  const seen = fanout.seen(stretch.log)
  // A log that is not followed any more is silent: all of it was pushed to whoever keeps up.
  if (!fanout.isFollowed(stretch.log)) return wasFollowed ? { ...stretch, end: false } : stretch
  if (stretch.last <= seen) return { ...stretch, end: stretch.end && stretch.last === seen }
  return { ...stretch, entries: stretch.entries.filter(({ position }) => position <= seen), last: seen, end: true }
}

/** What a socket missed, and what of it is not to be shown to it as to somebody who saw nothing. */
interface Scope {
  readonly missed: Map<LogId, number>
  /** Logs that it was being shown, also those of runs that are over. */
  readonly watched: ReadonlySet<LogId>
  isForAnother(event: RoomEvent): boolean
}

/** Writes events in the order of their times and notes how far each log got. False when the socket filled up first. */
function writeMerged(session: Session, stretches: readonly Stretch[], { missed, ...scope }: Scope): boolean {
  const known = stretches.map(placed)
  // Beyond the end of a stretch that goes on, events of its log are not known yet.
  const ends = stretches.flatMap(({ end }, i) => (end ? [] : [known[i]?.at(-1) ?? START]))
  const entries = known.flat().filter(entry => ends.every(end => inTime(entry, end) <= 0))
  for (const { log, event, position } of entries.sort(inTime)) {
    if (session.outbox.isFull) return false
    for (const text of framesOf(session, event, scope)) session.outbox.write(textFrame(text))
    missed.set(log, position)
  }
  return true
}

function framesOf(
  session: Session,
  event: RoomEvent | RunEvent,
  { watched, isForAnother }: Omit<Scope, 'missed'>,
): readonly string[] {
  const { view, userId } = session
  if (event.type === 'run.moved') return view.encodeSteps?.(event) ?? only(view.encode(event))
  if (isForAnother(event)) return []
  // Whoever was shown the steps of a run needs only its end.
  const isWatched = event.type === 'message.sent' && event.run !== null && watched.has(event.run.id)
  if (!isWatched) return replayed(view, event, session)
  const own = view.hides(event) === userId ? (view.encodeForAsker?.(event) ?? null) : null
  return only(own ?? view.encode(event))
}

const only = (text: string | null): readonly string[] => (text === null ? [] : [text])

interface Placed extends Entry {
  readonly log: LogId
  readonly place: number
}

const START = { at: 0, place: 0 }

const inTime = (a: Pick<Placed, 'at' | 'place'>, b: Pick<Placed, 'at' | 'place'>): number =>
  a.at - b.at || a.place - b.place

/** Entries with their place among those of other logs: the number of the message, or of the one before what is none. */
function placed({ log, entries, follows }: Stretch): readonly Placed[] {
  // An answer's first words may be of the same moment as its question.
  let place = follows + 0.5
  return entries.map(entry => {
    if (entry.event.type === 'message.sent') place = entry.event.message.number
    return { ...entry, log, place }
  })
}

/** Logs of which everything was written need no more reading, once that is all that others were shown. */
function settle(stretches: readonly Stretch[], missed: Map<LogId, number>, fanout: Fanout): void {
  for (const { log, entries, last, end } of stretches) {
    const written = missed.get(log) ?? 0
    const all = written >= (entries.at(-1)?.position ?? 0)
    if (all) missed.set(log, Math.max(written, last))
    if (all && end && last >= fanout.seen(log)) missed.delete(log)
  }
}
