import type { UserId } from '../core/ids.ts'
import type { Clock } from '../core/ports/clock.ts'
import { SlidingWindows } from '../core/window.ts'
import type { View, ViewLimits } from '../protocols/view.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Registry } from './registry.ts'
import type { Session } from './session.ts'

/** How a view's connections are let in and kept alive. */
interface Door {
  readonly view: View
  readonly limits: ViewLimits
  readonly heartbeat: Heartbeat
  readonly sweep: Heartbeat
  readonly frames: SlidingWindows | null
}

/** What holds for all views, and what is different for some, by name. */
export interface DoorSettings {
  readonly heartbeatSeconds: number
  readonly staleSeconds: number
  readonly views: Readonly<Record<string, Partial<ViewLimits>>>
}

/** How many frames a connection may still send. */
export interface FramesLeft {
  readonly limit: number
  readonly seconds: number
  readonly left: number
  /** Whole seconds until the oldest that counts no longer does. */
  readonly frees: number
}

/** Who hears of what a turn finds. */
interface Turn {
  beat(view: View): (session: Session) => void
  stale(session: Session): void
  idle(session: Session): void
}

/** The ways in, one for each view, with the limits of each. */
export class Doors {
  readonly #doors: ReadonlyMap<View, Door>
  readonly #registry: Registry

  constructor(views: readonly View[], settings: DoorSettings, clock: Clock, registry: Registry) {
    this.#doors = new Map(views.map(view => [view, open(view, settings, clock)]))
    this.#registry = registry
  }

  /** The view that an upgrade request is for. */
  find(path: string, query: URLSearchParams): View | undefined {
    for (const view of this.#doors.keys()) if (isAt(view, path) && view.accepts?.(query) !== false) return view
    return undefined
  }

  /** Whether no further connection of the view's family fits. */
  isFull(view: View): boolean {
    const limit = this.#door(view).limits.connections
    if (limit === null) return false
    let open = 0
    for (const one of this.#doors.keys()) if (one.family === view.family) open += this.#registry.countOf(one)
    return open >= limit
  }

  /** The same for one user. */
  isFullFor(user: UserId, view: View): boolean {
    const limit = this.#door(view).limits.connectionsPerUser
    if (limit === null) return false
    return this.#registry.of(user).filter(open => open.view.family === view.family).length >= limit
  }

  enter(session: Session): void {
    const { heartbeat, sweep } = this.#door(session.view)
    heartbeat.add(session)
    sweep.add(session)
  }

  leave(session: Session): void {
    const { heartbeat, sweep } = this.#door(session.view)
    heartbeat.remove(session)
    sweep.remove(session)
  }

  /** Counts a frame: 0 when it fits, else the seconds until one does. */
  take({ view, id }: Session): number {
    return this.#door(view).frames?.take(id) ?? 0
  }

  /** Null where frames have no limit. */
  left({ view, id }: Session): FramesLeft | null {
    const { frames, limits } = this.#door(view)
    return frames && limits.frames && { limit: limits.frames.count, seconds: limits.frames.seconds, ...frames.look(id) }
  }

  /**
   * To be called every second: `beat` hears of the connections that are due for a heartbeat, `stale` of the silent ones, `idle`
   * of those that live and want nothing.
   */
  turn(tick: number, { beat, stale, idle }: Turn): void {
    for (const { view, limits, heartbeat, sweep } of this.#doors.values()) {
      heartbeat.turn(tick, beat(view))
      sweep.turn(tick, session => {
        if (tick - session.lastSeen >= limits.staleSeconds) stale(session)
        else if (tick - session.lastFrame >= (limits.idleSeconds ?? Number.POSITIVE_INFINITY)) idle(session)
      })
    }
  }

  #door(view: View): Door {
    const door = this.#doors.get(view)
    if (!door) throw new Error(`There is no door for ${view.name}`)
    return door
  }
}

const isAt = ({ paths, pattern }: View, path: string): boolean => paths.includes(path) || pattern?.test(path) === true

function open(view: View, { heartbeatSeconds, staleSeconds, views }: DoorSettings, clock: Clock): Door {
  const pace = { heartbeatSeconds, sweepSeconds: heartbeatSeconds, staleSeconds }
  const limits: ViewLimits = {
    connections: null,
    connectionsPerUser: null,
    idleSeconds: null,
    frames: null,
    ...pace,
    ...views[view.name],
  }
  return {
    view,
    limits,
    heartbeat: new Heartbeat(limits.heartbeatSeconds),
    sweep: new Heartbeat(limits.sweepSeconds),
    frames: limits.frames && new SlidingWindows(limits.frames, clock),
  }
}
