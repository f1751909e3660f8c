import type { LogId } from '../core/events.ts'
import type { RoomId, UserId } from '../core/ids.ts'
import type { View } from '../protocols/view.ts'
import type { Outbox } from './outbox.ts'
import type { Session } from './session.ts'

/** Longest shared write, in bytes. */
const SEGMENT_MAX = 64 * 1024

/** What a flush handed to sockets, counted as if nobody was excluded or behind. */
export interface Delivery {
  readonly frames: number
  readonly bytes: number
}

/** Where in which log an event is; of several, the first. Null for an ephemeral one, which nobody misses. */
export type Mark = { readonly log: LogId; readonly position: number } | null

/** Bytes for everyone in a channel, from a frame of this turn on. */
interface Segment {
  readonly bytes: Buffer
  readonly from: number
}

/** What a turn gathered. */
interface Turn {
  readonly frames: Buffer[]
  readonly excluded: (UserId | undefined)[]
  readonly marks: Mark[]
  /** How many of the frames a member was given ahead. */
  readonly ahead: Map<Session, number>
}

const newTurn = (): Turn => ({ frames: [], excluded: [], marks: [], ahead: new Map() })

/**
 * Sockets of one view that are shown the same room, and the frames of this turn for them. At the end of the turn
 * every member gets one write of the same bytes; a member who must not see some of them, as their sender, or was given
 * some ahead of the others gets its own.
 */
export class Channel {
  readonly view: View
  readonly room: RoomId
  readonly #members: Session[] = []
  readonly #places = new Map<Session, number>()
  #turn = newTurn()

  constructor(view: View, room: RoomId) {
    this.view = view
    this.room = room
  }

  get size(): number {
    return this.#members.length
  }

  get members(): readonly Session[] {
    return this.#members
  }

  join(session: Session): void {
    if (this.#places.has(session)) return
    this.#places.set(session, this.#members.push(session) - 1)
    // What was gathered before is not for it.
    if (this.#turn.frames.length > 0) this.#turn.ahead.set(session, this.#turn.frames.length)
  }

  /** The last member takes the leaver's place, so that the list stays dense. */
  leave(session: Session): void {
    const place = this.#places.get(session)
    if (place === undefined) return
    const last = this.#members.pop()
    this.#places.delete(session)
    this.#turn.ahead.delete(session)
    if (!last || last === session) return
    this.#members[place] = last
    this.#places.set(last, place)
  }

  /** Adds a frame to this turn. True for the first one. */
  push(frame: Buffer, mark: Mark, exclude: UserId | undefined): boolean {
    this.#turn.marks.push(mark)
    this.#turn.excluded.push(exclude)
    return this.#turn.frames.push(frame) === 1
  }

  /** What this turn has for a member so far, to be shown to it before something else is; it is not given that again. */
  takeAhead(session: Session): readonly Buffer[] {
    const { ahead, frames, excluded } = this.#turn
    if (frames.length === 0 || !this.#places.has(session)) return []
    const given = ahead.get(session) ?? 0
    ahead.set(session, frames.length)
    return frames.filter((_, i) => i >= given && excluded[i] !== session.userId)
  }

  /**
   * Writes this turn's frames to every member. `stamp` is a number no earlier flush had; `sessionsOf` finds the sockets
   * of a user whom some frame excludes; `behind` hears of each member that this flush left behind.
   */
  flush(
    stamp: number,
    tick: number,
    sessionsOf: (user: UserId) => Iterable<Session>,
    behind: (session: Session) => void,
  ): Delivery {
    const turn = this.#turn
    const { frames, excluded, ahead } = turn
    this.#turn = newTurn()
    if (frames.length === 0 || this.#members.length === 0) return { frames: 0, bytes: 0 }
    for (const user of new Set(excluded)) if (user) for (const session of sessionsOf(user)) session.outbox.stamp = stamp
    for (const session of ahead.keys()) session.outbox.stamp = stamp
    const segments = cut(frames)
    for (const session of this.#members) {
      const { outbox } = session
      const missedFrom = outbox.stamp === stamp ? writeOwn(session, turn) : writeShared(outbox, segments)
      if (missedFrom !== undefined && note(outbox, turn, missedFrom, tick)) behind(session)
    }
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes.length, 0)
    return { frames: frames.length * this.#members.length, bytes: bytes * this.#members.length }
  }
}

/** Writes what fits under the soft limit. Returns the first frame that was not written, if there is one. */
function writeShared(outbox: Outbox, segments: readonly Segment[]): number | undefined {
  for (const segment of segments) {
    if (!outbox.isOpen) return segment.from
    outbox.write(segment.bytes)
  }
  return undefined
}

function writeOwn(session: Session, { frames, excluded, ahead }: Turn): number | undefined {
  const given = ahead.get(session) ?? 0
  const own = frames.filter((_, i) => i >= given && excluded[i] !== session.userId)
  if (own.length === 0 && session.outbox.flow.state === 'live') return undefined
  if (!session.outbox.isOpen) return given
  session.outbox.write(join(own))
  return undefined
}

/** Notes that frames from `from` on were not written. True when the reader falls behind by it. */
function note(outbox: Outbox, { marks }: Turn, from: number, tick: number): boolean {
  let fell = false
  for (let i = from; i < marks.length; i++) {
    const mark = marks[i]
    if (mark) fell = outbox.miss(mark.log, mark.position - 1, tick) || fell
  }
  return fell
}

const join = (frames: readonly Buffer[]): Buffer => {
  const [first] = frames
  if (first && frames.length === 1) return first
  // Its own allocation, for the same reason as a frame's.
  const bytes = Buffer.allocUnsafeSlow(frames.reduce((sum, frame) => sum + frame.length, 0))
  let at = 0
  for (const frame of frames) at += frame.copy(bytes, at)
  return bytes
}

/** Joins frames into segments that hold whole frames and at most SEGMENT_MAX bytes, or one longer frame. */
function cut(frames: readonly Buffer[]): readonly Segment[] {
  const segments: Segment[] = []
  let [from, size] = [0, 0]
  for (let i = 0; i < frames.length; i++) {
    const length = frames[i]?.length ?? 0
    if (i > from && size + length > SEGMENT_MAX) {
      segments.push({ bytes: join(frames.slice(from, i)), from })
      ;[from, size] = [i, 0]
    }
    size += length
  }
  segments.push({ bytes: join(frames.slice(from)), from })
  return segments
}
