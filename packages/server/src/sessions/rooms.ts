import type { Context } from '../core/context.ts'
import type { LogId, RoomEvent } from '../core/events.ts'
import type { OpenRoom } from '../core/ports/store.ts'
import { type Entry, eventsAfter } from '../core/replay.ts'
import type { Room, RoomKind } from '../core/room.ts'
import { QUEUE_MAX, type View } from '../protocols/view.ts'
import type { Session } from './session.ts'

/** Whether the sockets that are shown such a room are gathered; the others are found by who is in it. */
export const hasChannel = (kind: RoomKind): boolean =>
  kind === 'lobby' || kind === 'private' || kind === 'shared' || kind === 'group'

/** Whether a session is shown a room of its user's along with others. */
export const shownFrom = ({ view, isShown }: Session, room: Room, isChosen: boolean): boolean =>
  isShown && hasChannel(room.kind) && view.shows(room, isChosen)

/** What waits for a client of a view with a queue. */
export interface Queue {
  /** Positions after which everything is shown. */
  readonly from: ReadonlyMap<LogId, number>
  /** How many events of a room waited longer than the queue reaches. */
  readonly missed: readonly { readonly room: Room; readonly count: number }[]
}

interface Waiting {
  readonly open: OpenRoom
  readonly entries: readonly Entry<RoomEvent>[]
  /** Events before those, not looked at. */
  readonly older: number
}

/** Parts of a room's log that are looked through for it, from the end on. */
const PAGES_MAX = 10
/** Rooms that are read side by side. */
const ROOMS_AT_ONCE = 20

/** What a user's clients were not shown, the newest QUEUE_MAX events of all rooms. */
export async function queueFor(ctx: Context, view: View, session: Session, rooms: readonly OpenRoom[]): Promise<Queue> {
  const late = rooms.filter(({ seq, heard, room }) => heard < seq && (room.kind !== 'conversation' || heard > 0))
  const waiting: Waiting[] = []
  for (let i = 0; i < late.length; i += ROOMS_AT_ONCE) {
    const some = late.slice(i, i + ROOMS_AT_ONCE)
    waiting.push(...(await Promise.all(some.map(open => waitingIn(ctx, view, session, open)))))
  }
  const newest = waiting
    .flatMap(({ entries }) => entries)
    .sort((a, b) => b.at - a.at || b.position - a.position)
    .slice(0, QUEUE_MAX)
  const kept = new Set(newest)
  return {
    // Of a room in which nothing waits it is what comes from now on, not from when the queue was shown.
    from: new Map([
      ...rooms.map(({ room, seq }) => [room.id, seq] as const),
      ...waiting.map(one => [one.open.room.id, positionBefore(one, kept)] as const),
    ]),
    missed: waiting.flatMap(one => {
      const count = one.older + one.entries.filter(entry => !kept.has(entry)).length
      return count > 0 ? [{ room: one.open.room, count }] : []
    }),
  }
}

async function waitingIn(ctx: Context, view: View, session: Session, open: OpenRoom): Promise<Waiting> {
  const shown: Entry<RoomEvent>[] = []
  let from = open.seq
  // Of some rooms a good part is nothing that this session is shown.
  for (let page = 0; page < PAGES_MAX && shown.length < QUEUE_MAX && from > open.heard; page++) {
    const to = from
    from = Math.max(open.heard, to - QUEUE_MAX)
    const { entries } = await eventsAfter(ctx, open.room.id, from, to - from)
    const those = entries.filter(({ event, position }) => position <= to && replayed(view, event, session).length > 0)
    shown.unshift(...those)
  }
  return { open, entries: shown, older: from - open.heard }
}

const positionBefore = ({ open, entries }: Waiting, kept: ReadonlySet<Entry<RoomEvent>>): number => {
  const first = entries.find(entry => kept.has(entry))
  return first ? first.position - 1 : open.seq
}

/** What a session is told before an event with which a room becomes its user's: what room that is. */
export function introduction({ view, userId }: Session, event: RoomEvent): readonly string[] {
  const isTheirs = hasChannel(event.room.kind)
    ? event.type === 'member.joined' && event.user.id === userId
    : event.seq === 1
  const text = isTheirs ? view.added?.(event.room, event.seq) : undefined
  return text == null ? [] : [text]
}

/** The frames of an event that a session is shown later than it happened. */
export function replayed(view: View, event: RoomEvent, session: Session): readonly string[] {
  return [...introduction(session, event), ...itself(view, event, session)]
}

function itself(view: View, event: RoomEvent, { userId }: Session): readonly string[] {
  // An answer to a question of one's own comes later than asked for, but it comes.
  const isAnswer = event.type === 'run.ended' || (event.type === 'message.sent' && event.run !== null)
  const isHidden = view.hides(event) === userId
  if (!isAnswer && isHidden) return []
  const frames = view.replay?.(event) ?? [view.encode(event)].filter(text => text !== null)
  const own = isHidden ? (view.encodeForAsker?.(event) ?? null) : null
  // In place of the last frame that others are shown.
  return own === null ? frames : [...frames.slice(0, -1), own]
}

/** What is read while nobody moved between rooms. */
export async function unmoved<T>(moves: () => number, read: () => Promise<T>): Promise<T> {
  for (;;) {
    const before = moves()
    const found = await read()
    if (moves() === before) return found
  }
}

/** Rooms of a user, read while nothing moved between them. */
export const stableRooms = (ctx: Context, { userId }: Session, moves: () => number): Promise<readonly OpenRoom[]> =>
  unmoved(moves, () => ctx.store.memberships(userId))
