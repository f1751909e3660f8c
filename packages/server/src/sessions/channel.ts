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

/** Bytes for everyone in a channel, with the last durable event they hold. */
interface Segment {
  readonly bytes: Buffer
  readonly lastSeq: number
}

/**
 * Sockets of one view that are shown the same events, and the frames of this turn for them. At the end of the turn
 * every member gets one write of the same bytes; a member who must not see some of them, as their sender, or was given
 * some ahead of the others gets its own.
 */
export class Channel {
  readonly view: View
  readonly room: RoomId
  readonly #members: Session[] = []
  readonly #places = new Map<Session, number>()
  #frames: Buffer[] = []
  #excluded: (UserId | undefined)[] = []
  #seqs: number[] = []
  /** Seq before the first durable event of this turn; undefined when there is none. */
  #before: number | undefined
  /** How many frames of this turn a member was given ahead. */
  #ahead = new Map<Session, number>()

  constructor(view: View, room: RoomId) {
    this.view = view
    this.room = room
  }

  get size(): number {
    return this.#members.length
  }

  join(session: Session): void {
    if (this.#places.has(session)) return
    this.#places.set(session, this.#members.push(session) - 1)
  }

  /** The last member takes the leaver's place, so that the list stays dense. */
  leave(session: Session): void {
    const place = this.#places.get(session)
    if (place === undefined) return
    const last = this.#members.pop()
    this.#places.delete(session)
    if (!last || last === session) return
    this.#members[place] = last
    this.#places.set(last, place)
  }

  /** Adds a frame to this turn. `seq` is 0 for an ephemeral event. True for the first one. */
  push(frame: Buffer, seq: number, exclude: UserId | undefined): boolean {
    if (seq > 0 && this.#before === undefined) this.#before = seq - 1
    this.#seqs.push(seq)
    this.#excluded.push(exclude)
    return this.#frames.push(frame) === 1
  }

  /** What this turn has for a member so far, to be shown to it before something else is; it is not given that again. */
  takeAhead(session: Session): readonly Buffer[] {
    if (!this.#places.has(session)) return []
    const given = this.#ahead.get(session) ?? 0
    this.#ahead.set(session, this.#frames.length)
    return this.#frames.filter((_, i) => i >= given && this.#excluded[i] !== session.userId)
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
    const [frames, excluded, seqs, before] = [this.#frames, this.#excluded, this.#seqs, this.#before]
    const ahead = this.#ahead
    this.#frames = []
    this.#excluded = []
    this.#seqs = []
    this.#before = undefined
    if (ahead.size > 0) this.#ahead = new Map()
    if (frames.length === 0 || this.#members.length === 0) return { frames: 0, bytes: 0 }
    for (const user of new Set(excluded)) if (user) for (const session of sessionsOf(user)) session.outbox.stamp = stamp
    for (const session of ahead.keys()) session.outbox.stamp = stamp
    const segments = cut(frames, seqs)
    for (const session of this.#members) {
      const { outbox } = session
      let missed: number | undefined
      if (outbox.stamp === stamp) {
        const given = ahead.get(session) ?? 0
        const own = frames.filter((_, i) => i >= given && excluded[i] !== session.userId)
        missed = writeOwn(outbox, own, Math.max(0, ...seqs.slice(0, given)) || before)
      } else missed = writeShared(outbox, segments, before)
      if (missed !== undefined && outbox.miss(this.room, missed, tick)) behind(session)
    }
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes.length, 0)
    return { frames: frames.length * this.#members.length, bytes: bytes * this.#members.length }
  }
}

/** Writes what fits under the soft limit. Returns the seq after which the reader missed something durable, if it did. */
function writeShared(outbox: Outbox, segments: readonly Segment[], before: number | undefined): number | undefined {
  let seq = before
  for (const segment of segments) {
    if (!outbox.isOpen) return seq
    outbox.write(segment.bytes)
    if (segment.lastSeq > 0) seq = segment.lastSeq
  }
  return undefined
}

function writeOwn(outbox: Outbox, frames: readonly Buffer[], before: number | undefined): number | undefined {
  if (!outbox.isOpen) return before
  if (frames.length > 0) outbox.write(join(frames))
  return undefined
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
function cut(frames: readonly Buffer[], seqs: readonly number[]): readonly Segment[] {
  const segments: Segment[] = []
  let [start, size, lastSeq] = [0, 0, 0]
  for (let i = 0; i < frames.length; i++) {
    const length = frames[i]?.length ?? 0
    if (i > start && size + length > SEGMENT_MAX) {
      segments.push({ bytes: join(frames.slice(start, i)), lastSeq })
      ;[start, size, lastSeq] = [i, 0, 0]
    }
    size += length
    lastSeq = seqs[i] || lastSeq
  }
  segments.push({ bytes: join(frames.slice(start)), lastSeq })
  return segments
}
