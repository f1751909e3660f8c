import type { ConnectionId, CoreEvent, RoomEvent, RunEvent } from '../core/events.ts'
import type { RoomId, RunId, UserId } from '../core/ids.ts'
import type { Room } from '../core/room.ts'
import type { View } from '../protocols/view.ts'
import type { Registry } from './registry.ts'
import { hasChannel } from './rooms.ts'
import type { Session } from './session.ts'

/** Runs of which it is remembered who asked, the latest ones. */
const ASKED_MAX = 1_000

type Started = RoomEvent & { readonly type: 'run.started' }

interface ShownRun {
  readonly room: Room
  /** The latest of it: says whose it is to see. */
  readonly event: Started | RunEvent
  /** Position of the last step that was shown. */
  readonly seen: number
}

/** Runs in progress, as far as sockets were shown them, and who is to see what of them. */
export class ShownRuns {
  readonly #registry: Registry
  readonly #runs = new Map<RunId, ShownRun>()
  /** The connections that asked, also for runs that are over. */
  readonly #asked = new Map<RunId, ConnectionId>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  begin(event: Started): void {
    const { run, room, via } = event
    // Its first steps may have been shown while the log was read for its start.
    this.#runs.set(run.id, { room, event, seen: this.seen(run.id) })
    if (via === undefined) return
    this.#asked.set(run.id, via)
    const [oldest] = this.#asked.keys()
    if (this.#asked.size > ASKED_MAX && oldest !== undefined) this.#asked.delete(oldest)
  }

  /** To be called when its steps were shown. */
  move(event: RunEvent): void {
    const { run, of: room, steps } = event
    const last = steps.at(-1)
    if (last?.type === 'end') this.#runs.delete(run.id)
    else if (last) this.#runs.set(run.id, { room, event, seen: last.n })
  }

  /** Position of the last step that was shown; 0 of a run that is none in progress. */
  seen(run: RunId): number {
    return this.#runs.get(run)?.seen ?? 0
  }

  has(run: RunId): boolean {
    return this.#runs.has(run)
  }

  in(room: RoomId): readonly RunId[] {
    return [...this.#runs].flatMap(([id, run]) => (run.room.id === room ? [id] : []))
  }

  /** Those that a session is shown, each with the position up to which it was. */
  of(session: Session): readonly (readonly [RunId, number])[] {
    return [...this.#runs].flatMap(([id, run]) => (this.#isShown(run, session) ? [[id, run.seen] as const] : []))
  }

  /** Those that a session is shown because the connection which asked is gone. */
  leftTo(session: Session, gone: ConnectionId): readonly RunId[] {
    return [...this.#runs].flatMap(([id, run]) => {
      const isLeft = run.event.via === gone && session.view.hides(run.event) === session.userId
      return isLeft && this.#isShown(run, session) ? [id] : []
    })
  }

  /** Whether an event that is hidden from a session's user is another connection's to see, which is there. */
  isForAnother(session: Session, event: RoomEvent): boolean {
    if (!('run' in event) || !event.run || session.view.hides(event) !== session.userId) return false
    const via = this.#asked.get(event.run.id)
    return via !== undefined && via !== session.id && this.#registry.find(session.userId, via) !== undefined
  }

  /** The connection that a hidden event is for, or all of the user's, in this view, when that is gone. */
  asking(event: CoreEvent, user: UserId, view: View): readonly Session[] {
    const via = 'via' in event ? event.via : undefined
    if (via === undefined) return []
    const asking = this.#registry.find(user, via)
    if (asking) return asking.view === view ? [asking] : []
    return this.#registry.of(user).filter(session => session.isShown && session.view === view)
  }

  #isShown({ room, event }: ShownRun, session: Session): boolean {
    const { view, userId } = session
    if (!isIn(session, room)) return false
    return view.hides(event) !== userId || this.asking(event, userId, view).includes(session)
  }
}

/** Whether a session is shown what happens in a room, beside what is hidden from its user. */
function isIn({ channels, isShown, only, userId }: Session, { id, kind, owner, pair }: Room): boolean {
  if (hasChannel(kind)) return channels.has(id)
  if (only !== null && only !== id) return false
  return isShown && (owner === userId || pair?.includes(userId) === true)
}
