import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { ResumePlan } from '../core/commands/resuming.ts'
import type { Core } from '../core/core.ts'
import { type ConnectionId, type CoreEvent, type DirectoryEvent, isDirectoryEvent, type LogId } from '../core/events.ts'
import type { RoomId, UserId } from '../core/ids.ts'
import type { OpenRoom } from '../core/ports/store.ts'
import type { Room } from '../core/room.ts'
import { SlidingWindows } from '../core/window.ts'
import type { Resumed, View, ViewLimits } from '../protocols/view.ts'
import { catchUp } from './catchup.ts'
import { Fanout } from './fanout.ts'
import { pingFrame, textFrame } from './frame.ts'
import { type Admission, admit, pathOf, queryOf, type Rejection, refusal, reject } from './handshake.ts'
import { Heard } from './heard.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Log, Observer } from './observe.ts'
import { Outbox, type OutboxLimits } from './outbox.ts'
import { Pump } from './pump.ts'
import { Registry } from './registry.ts'
import { queueFor, shownFrom, stableRooms, unmoved } from './rooms.ts'
import { Session, type SessionHost } from './session.ts'
import type { TrustSettings } from './trust.ts'

export interface SessionSettings {
  readonly trust: TrustSettings
  /** Sockets open at one time; more are refused with 503. */
  readonly maxConnections: number
  readonly outbox: OutboxLimits
  /** Seconds between two heartbeats, and of silence until a socket is given up. */
  readonly heartbeatSeconds: number
  readonly staleSeconds: number
  /** What is different for some views, by name. */
  readonly views: Readonly<Record<string, Partial<ViewLimits>>>
  /** Seconds a reader may take nothing at all before it is told to come back. */
  readonly stuckSeconds: number
  /** Seconds a client has to answer our goodbye. */
  readonly closeSeconds: number
  /** The same when the server stops and waits for it. */
  readonly stopSeconds: number
}

export interface Dependencies {
  readonly core: Core
  readonly views: readonly View[]
  readonly settings: SessionSettings
  readonly observer: Observer
  readonly log: Log
}

/** An open socket, for its user and administrators. Times are milliseconds since 1970. */
export interface Connection {
  readonly username: string
  readonly userId: UserId
  readonly connectionId: ConnectionId
  readonly view: string
  /** Rooms it is shown along with others. */
  readonly rooms: readonly RoomId[]
  readonly lastActivity: number
  readonly lastPong: number | null
  readonly address: string
  readonly userAgent: string
  /** What is left of the frames it may send; null where there is no limit. */
  readonly frames: {
    readonly limit: number
    readonly seconds: number
    readonly left: number
    readonly frees: number
  } | null
}

/** All open sockets of this node. */
export interface Sessions {
  /** To be called before the first upgrade. */
  start(): Promise<void>
  /** Listener for the HTTP server's `upgrade` event. Answers every request: with a socket or an HTTP status. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** To be called every second: heartbeats, stale and stuck sockets, and every other second missed events. */
  tick(): void
  connections(): readonly Connection[]
  /** Sockets of a user. */
  connectionsOf(user: UserId): readonly Connection[]
  connection(id: ConnectionId): Connection | undefined
  readonly counts: {
    readonly sockets: number
    readonly users: number
    /** Rooms that some socket is shown. */
    readonly rooms: number
    readonly waitingBytes: number
    readonly behind: number
  }
  /** Refuses new sockets, tells the open ones to come back (1012), and resolves when all are gone. */
  drain(): Promise<void>
}

/** What closes a socket from our side. */
const CLOSE = {
  failed: [4000, 'Internal server error'],
  restarting: [1012, 'Server is restarting'],
  slow: [1013, 'Reading too slowly: reconnect and resume'],
  stale: [4408, 'No sign of life'],
} as const

export function createSessions(deps: Dependencies): Sessions {
  return new LocalSessions(deps)
}

/** The session of a socket, kept on the socket so that its listeners need no closures. */
const session = Symbol('session')
const host = Symbol('host')
type Wired = WebSocket & { [session]: Session; [host]: LocalSessions }

class LocalSessions implements Sessions, SessionHost {
  readonly core: Core
  readonly #deps: Dependencies
  readonly #registry: Registry
  readonly #pump: Pump
  readonly #fanout: Fanout
  readonly #doors: ReadonlyMap<View, Door>
  readonly #servers: ReadonlyMap<View, WebSocketServer>
  readonly #behind = new Set<Session>()
  readonly #startedAt: number
  #frames = 0
  #opening = 0
  #state: 'open' | 'draining' = 'open'
  #whenEmpty: (() => void) | undefined

  constructor(deps: Dependencies) {
    const { core, views, settings } = deps
    this.core = core
    this.#deps = deps
    this.#startedAt = core.context.clock.now()
    this.#registry = new Registry()
    this.#pump = new Pump(this.#registry, core.context.clock, deps.observer, slow => this.#fell(slow))
    this.#fanout = new Fanout(core, this.#registry, this.#pump, error => this.fault(error))
    this.#doors = new Map(views.map(view => [view, openDoor(view, deps)]))
    this.#servers = new Map(views.map(view => [view, createServer(view, settings)]))
  }

  get ticks(): number {
    return this.#pump.tick
  }

  get counts() {
    let waitingBytes = 0
    for (const { outbox } of this.#registry.all()) waitingBytes += outbox.waitingBytes
    const { size: sockets, users, rooms } = this.#registry
    return { sockets, users, rooms, waitingBytes, behind: this.#behind.size }
  }

  async start(): Promise<void> {
    await this.#fanout.start()
    this.core.context.broker.subscribe(events => this.#hear(events))
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A peer that hangs up while we look up its key must not bring the process down.
    socket.on('error', ignore)
    const [path, query] = [pathOf(request), queryOf(request)]
    const view = this.#deps.views.find(({ paths, accepts }) => paths.includes(path) && accepts?.(query) !== false)
    if (!view) return this.#refuse('none', socket, NOT_FOUND)
    const full = this.#registry.size + this.#opening >= this.#deps.settings.maxConnections || this.#isFull(view)
    if (full || this.#state === 'draining') return this.#refuse(view.name, socket, FULL)
    this.#opening++
    this.#open(view, request, socket, head)
      .catch(error => this.fault(error))
      .finally(() => this.#opening--)
  }

  tick(): void {
    const tick = ++this.#pump.tick
    const now = this.core.context.clock.now()
    for (const [view, { heartbeat, sweep, limits }] of this.#doors) {
      const frame = textFrame(view.heartbeat(now))
      heartbeat.turn(tick, due => this.#beat(due, frame))
      sweep.turn(tick, due => this.#sweep(due, limits))
    }
    this.core.tick()
    this.#pingQueues()
    for (const slow of this.#behind) this.#giveUpIfStuck(slow)
    if (tick % this.#deps.settings.stuckSeconds === 0) this.#giveUpStalled()
    this.#deps.observer.received(this.#frames)
    this.#frames = 0
    if (tick % 2 === 0) Promise.all([this.core.refresh(), this.#fanout.sweep()]).catch(error => this.fault(error))
  }

  connections(): readonly Connection[] {
    return [...this.#registry.all()].map(open => this.#describe(open))
  }

  connectionsOf(user: UserId): readonly Connection[] {
    return this.#registry.of(user).map(open => this.#describe(open))
  }

  connection(id: ConnectionId): Connection | undefined {
    for (const open of this.#registry.all()) if (open.id === id) return this.#describe(open)
    return undefined
  }

  async drain(): Promise<void> {
    this.#state = 'draining'
    await this.core.drained()
    this.#pump.flush()
    for (const open of this.#registry.all()) this.#shut(open, CLOSE.restarting)
    if (this.#registry.size === 0) return
    const cut = setTimeout(() => this.#cutOff(), this.#deps.settings.stopSeconds * 1000)
    await new Promise<void>(resolve => (this.#whenEmpty = resolve))
    clearTimeout(cut)
  }

  reply(to: Session, text: string): void {
    if (to.outbox.isOverfull) return this.#shut(to, CLOSE.slow)
    this.#pump.reply(to, textFrame(text))
  }

  rejected(by: Session, code: string): void {
    this.#deps.observer.rejected(by.view.name, code)
  }

  fault(error: unknown): void {
    this.#deps.log.error({ err: error }, 'a session failed')
  }

  meter(of: Session): number {
    return this.#doors.get(of.view)?.frames?.take(of.id) ?? 0
  }

  async resume(open: Session, ask: () => Promise<ResumePlan>): Promise<Resumed> {
    const plan = await unmoved(() => this.#fanout.moves, ask)
    const { own, from } = plan
    if (!this.#registry.has(open)) return { plan, shown: from }
    open.isShown = true
    // Where the client says it goes on, whatever it was written before.
    for (const log of from.keys()) open.outbox.forget(log)
    this.#enter(open, own, from)
    await this.#live(open)
    const followed = [...from].filter(([log]) => this.#fanout.seen(log) > 0)
    const shown = new Map(followed.map(([log, position]) => [log, Math.max(position, this.#positionOf(open, log))]))
    return { plan, shown }
  }

  /** Resolves when the client has been written everything it missed, or is gone. */
  async #live(open: Session): Promise<void> {
    await this.#drained(open)
    if (open.outbox.isBehind) await new Promise<void>(resolve => open.waiting.push(resolve))
  }

  #isFull(view: View): boolean {
    const limit = this.#doors.get(view)?.limits.connections ?? null
    if (limit === null) return false
    return this.#familyOf(view).reduce((sum, one) => sum + this.#registry.countOf(one), 0) >= limit
  }

  #isFullFor(view: View, user: UserId): boolean {
    const limit = this.#doors.get(view)?.limits.connectionsPerUser ?? null
    if (limit === null) return false
    return this.#registry.of(user).filter(open => open.view.family === view.family).length >= limit
  }

  readonly #familyOf = ({ family }: View): readonly View[] => this.#deps.views.filter(one => one.family === family)

  async #open(view: View, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const known = this.core.context.follower.seq
    const admission = await admit(this.core, view, request, this.#deps.settings.trust)
    if (socket.destroyed) return
    const { address } = admission
    if (admission.state === 'refused') return this.#refuse(view.name, socket, admission, address)
    const isFull = this.#isFull(view) || this.#isFullFor(view, admission.actor.user.id)
    if (isFull || this.#state === 'draining') return this.#refuse(view.name, socket, FULL, address)
    this.#servers.get(view)?.handleUpgrade(request, socket, head, ws => {
      socket.off('error', ignore)
      const opened = this.#wire(view, ws, socket, request, admission)
      this.#deps.log.debug({ ...named(opened), address }, 'connected')
      // Credentials may have died between the look-up and now, and their event passed before we could hear it.
      if (known !== this.core.context.follower.seq) void this.#recheck(opened)
      this.#begin(opened, queryOf(request)).catch(error => {
        this.fault(error)
        this.#shut(opened, CLOSE.failed)
      })
    })
  }

  /** Greets, shows what waited, and lets the client's frames be taken. */
  async #begin(opened: Session, query: URLSearchParams): Promise<void> {
    const { view, id: connection } = opened
    const { user } = opened.actor
    const greeting = view.greet?.({ connection, user, at: this.core.context.clock.now() })
    if (greeting != null) this.reply(opened, greeting)
    if (view.catchUp === 'none') this.#registry.join(opened, this.core.context.store.lobby)
    if (view.catchUp === 'queue') await this.#queue(opened)
    opened.begin(view.opening?.(query))
  }

  async #queue(opened: Session): Promise<void> {
    const { view, userId } = opened
    const { context } = this.core
    opened.heard = new Heard()
    const isAlone = !this.#registry.of(userId).some(other => other !== opened && other.view === view)
    let rooms = await stableRooms(context, opened, () => this.#fanout.moves)
    const queue = isAlone ? await queueFor(context, view, opened, rooms) : { from: new Map(), missed: [] }
    if (isAlone) rooms = await stableRooms(context, opened, () => this.#fanout.moves)
    if (!this.#registry.has(opened)) return
    for (const { room, count } of queue.missed) {
      const text = view.missed?.(room, count)
      if (text !== undefined) this.reply(opened, text)
    }
    this.#pump.flush()
    this.#enter(opened, rooms, queue.from)
    await this.#live(opened)
    this.#ping(opened, new Map([...opened.channels.keys()].map(room => [room, this.#positionOf(opened, room)])))
  }

  /** Shows a socket its rooms: those named from a position on, the others from now on. */
  #enter(open: Session, rooms: readonly OpenRoom[], from: ReadonlyMap<LogId, number>): void {
    for (const { room, seq, isChosen } of rooms) {
      this.#fanout.follow(room.id, seq)
      if (shownFrom(open, room, isChosen)) this.#registry.join(open, room.id)
      const position = from.get(room.id) ?? seq
      if (position < this.#fanout.seen(room.id)) this.#miss(open, room.id, position)
      for (const [run] of this.#fanout.runsIn(room.id)) if (!from.has(run)) this.#miss(open, run, 0)
    }
    const known = new Set<LogId>(rooms.map(({ room }) => room.id))
    for (const [log, position] of from) if (!known.has(log)) this.#miss(open, log, position)
  }

  #miss(open: Session, log: LogId, position: number): void {
    if (open.outbox.miss(log, position, this.ticks)) this.#behind.add(open)
  }

  #refuse(view: string, socket: Duplex, rejection: Rejection, address?: string): void {
    this.#deps.observer.refused(view, rejection.status)
    this.#deps.log.info({ view, status: rejection.status, ...(address && { address }) }, 'connection refused')
    reject(socket, rejection)
  }

  #wire(
    view: View,
    ws: WebSocket,
    socket: Duplex,
    { headers }: IncomingMessage,
    { actor, address }: Admission & { state: 'admitted' },
  ): Session {
    const outbox = new Outbox(socket, this.#deps.settings.outbox)
    const userAgent = (headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX)
    const id = this.core.context.ids.uuid()
    const opened = new Session({ id, view, actor, address, userAgent }, ws, outbox, this)
    const wired = Object.assign(ws, { [session]: opened, [host]: this })
    wired
      .on('message', onMessage)
      .on('ping', onSignOfLife)
      .on('pong', onSignOfLife)
      .on('error', ignore)
      .on('close', onClose)
    socket.on('drain', () => void this.#drained(opened))
    this.#registry.add(opened)
    opened.slot = this.ticks
    this.#doors.get(view)?.heartbeat.add(opened)
    this.#doors.get(view)?.sweep.add(opened)
    if (this.core.context.presence.enter(opened.userId)) this.#tellPresence(opened)
    this.#deps.observer.connected(view.name)
    return opened
  }

  received(from: Session, data: Buffer, isBinary: boolean): void {
    this.#frames++
    from.receive(data, isBinary)
  }

  /** The socket is gone, whoever ended it. */
  closed(gone: Session, code: number): void {
    gone.gone()
    this.#registry.remove(gone)
    this.#doors.get(gone.view)?.heartbeat.remove(gone)
    this.#doors.get(gone.view)?.sweep.remove(gone)
    this.#behind.delete(gone)
    gone.release()
    this.#storeHeard(gone)
    const { presence, clock, typing } = this.core.context
    if (presence.leave(gone.userId, code !== BROKEN, clock.monotonic())) this.#tellPresence(gone)
    if (!presence.isOnline(gone.userId)) typing.stop(gone.userId)
    this.#deps.observer.disconnected(gone.view.name, code)
    this.#deps.log.debug({ ...named(gone), code }, 'disconnected')
    if (this.#registry.size === 0) this.#whenEmpty?.()
  }

  #tellPresence({ actor: { user } }: Session): void {
    this.core.context.emit({ type: 'presence.changed', user, ...this.core.context.presence.shown(user.id) })
  }

  #sweep(open: Session, { staleSeconds }: ViewLimits): void {
    if (this.ticks - open.lastSeen >= staleSeconds) this.#shut(open, CLOSE.stale)
  }

  #beat(alive: Session, frame: Buffer): void {
    this.#pump.pushEvent(alive, frame, null)
    this.#storeHeard(alive)
  }

  /** Asks clients with a queue whether what they were shown lately has arrived. */
  #pingQueues(): void {
    const due = new Map<Session, Map<RoomId, number>>()
    for (const room of this.#fanout.takeTouched().values()) {
      for (const open of this.#shownRoom(room)) {
        if (!open.heard) continue
        const positions = due.get(open) ?? new Map()
        due.set(open, positions.set(room.id, this.#positionOf(open, room.id)))
      }
    }
    for (const [open, positions] of due) this.#ping(open, positions)
  }

  #shownRoom(room: Room): Iterable<Session> {
    if (room.kind === 'conversation' && room.owner) return this.#registry.of(room.owner)
    return this.#registry.channels(room.id).flatMap(({ members }) => members)
  }

  #ping(open: Session, positions: ReadonlyMap<RoomId, number>): void {
    // A socket that is behind gets it once it has caught up and something happens again.
    if (open.heard && open.outbox.isOpen) this.#pump.pushEvent(open, pingFrame(open.heard.ping(positions)), null)
  }

  #positionOf({ outbox: { flow } }: Session, log: LogId): number {
    return (flow.state === 'behind' ? flow.missed.get(log) : undefined) ?? this.#fanout.seen(log)
  }

  #storeHeard({ heard, actor }: Session): void {
    const rooms = heard?.take() ?? []
    if (rooms.length === 0) return
    this.core.execute(actor, { type: 'member.heard', rooms }).catch(error => this.fault(error))
  }

  #describe(open: Session): Connection {
    const { userId, id: connectionId, view, address, userAgent } = open
    return {
      username: open.actor.user.name,
      userId,
      connectionId,
      view: view.name,
      rooms: [...open.channels.keys()],
      lastActivity: this.#timeOf(open.lastSeen),
      lastPong: open.lastPong === 0 ? null : this.#timeOf(open.lastPong),
      address,
      userAgent,
      frames: this.#framesOf(open),
    }
  }

  #framesOf({ view, id }: Session): Connection['frames'] {
    const door = this.#doors.get(view)
    const rate = door?.limits.frames
    return rate && door.frames ? { limit: rate.count, seconds: rate.seconds, ...door.frames.look(id) } : null
  }

  #hear(events: readonly CoreEvent[]): void {
    for (const event of events) {
      if (!isDirectoryEvent(event)) continue
      for (const open of this.#registry.of(event.user.id)) this.#hearOf(event, open)
    }
    this.#fanout.hear(events)
  }

  #hearOf(event: DirectoryEvent, open: Session): void {
    switch (event.type) {
      case 'user.created':
      case 'user.changed':
        open.actor = { ...open.actor, user: event.user }
        return
      case 'user.deleted':
        return this.#shut(open, open.view.revoked)
      case 'credentials.revoked':
        return void this.#recheck(open)
      default:
        return event satisfies never
    }
  }

  async #recheck(open: Session): Promise<void> {
    const { credential } = open.actor
    const question = { type: 'account.alive', credential, user: open.userId } as const
    const alive = await this.core.execute(open.actor, question).catch(error => this.fault(error))
    // Also where that can't be told: whoever is wrongly sent away comes back, a dead key must not stay.
    if (alive !== true) this.#shut(open, open.view.revoked)
  }

  #shut(open: Session, [code, reason]: readonly [number, string]): void {
    this.#behind.delete(open)
    // Of a server that stops everybody is told alike.
    if (code !== CLOSE.restarting[0]) this.#deps.log.info({ ...named(open), code, reason }, 'closing')
    open.close(code, reason)
  }

  #cutOff(): void {
    for (const open of this.#registry.all()) open.terminate()
  }

  #fell(slow: Session): void {
    this.#behind.add(slow)
    // Of the answers it was being shown it needs the rest, and not all over again.
    for (const room of slow.channels.keys()) {
      for (const [run, seen] of this.#fanout.runsIn(room)) slow.outbox.miss(run, seen, this.ticks)
    }
    this.#deps.observer.slow(slow.view.name, 'behind')
  }

  async #drained(open: Session): Promise<void> {
    open.written()
    open.outbox.progressed(this.ticks)
    if (!open.outbox.isBehind || open.catchingUp) return
    open.catchingUp = true
    const end = await catchUp(this.core.context, this.#fanout, open).catch(error => this.fault(error))
    open.catchingUp = false
    if (end === 'too_much') return this.#giveUp(open)
    if (end !== 'live') return
    open.release()
    if (this.#behind.delete(open)) this.#deps.observer.slow(open.view.name, 'caught_up')
  }

  #giveUpIfStuck(slow: Session): void {
    const { flow } = slow.outbox
    const stuck = flow.state === 'behind' && this.ticks - flow.sinceTick >= this.#deps.settings.stuckSeconds
    if (stuck) this.#giveUp(slow)
  }

  /** Also those who keep up with events and don't read the answers they asked for. */
  #giveUpStalled(): void {
    for (const open of this.#registry.all()) if (open.outbox.isStalled()) this.#giveUp(open)
  }

  #giveUp(slow: Session): void {
    this.#deps.observer.slow(slow.view.name, 'closed')
    this.#shut(slow, CLOSE.slow)
  }

  #timeOf(tick: number): number {
    return this.#startedAt + tick * 1000
  }
}

/** How a view's connections are let in and kept alive. */
interface Door {
  readonly limits: ViewLimits
  readonly heartbeat: Heartbeat
  readonly sweep: Heartbeat
  readonly frames: SlidingWindows | null
}

function openDoor({ name }: View, { core, settings }: Dependencies): Door {
  const { heartbeatSeconds, staleSeconds, views } = settings
  const pace = { heartbeatSeconds, sweepSeconds: heartbeatSeconds, staleSeconds }
  const limits: ViewLimits = { connections: null, connectionsPerUser: null, frames: null, ...pace, ...views[name] }
  return {
    limits,
    heartbeat: new Heartbeat(limits.heartbeatSeconds),
    sweep: new Heartbeat(limits.sweepSeconds),
    frames: limits.frames && new SlidingWindows(limits.frames, core.context.clock),
  }
}

/** Longest text of a client about itself that is kept. */
const USER_AGENT_MAX = 255
/** What a connection that broke ends with. */
const BROKEN = 1006

/** Whose connection it is, for the log. */
const named = ({ id, view, actor }: Session) => ({ connection: id, view: view.name, user: actor.user.name })

const NOT_FOUND = refusal(404, 'Not Found')
const FULL = refusal(503, 'The server is full or stopping', { 'Retry-After': '5' })

const ignore = () => undefined

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const wired = this as Wired
  // With the default binaryType a message is one buffer.
  wired[host].received(wired[session], data as Buffer, isBinary)
}

function onSignOfLife(this: WebSocket, payload: Buffer): void {
  ;(this as Wired)[session].alive(payload.toString('latin1'))
}

function onClose(this: WebSocket, code: number): void {
  const wired = this as Wired
  wired[host].closed(wired[session], code)
}

function createServer(view: View, settings: SessionSettings): WebSocketServer {
  const options = {
    noServer: true,
    maxPayload: view.maxFrame,
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: settings.closeSeconds * 1000, // not in the published types yet
  }
  return new WebSocketServer(options)
}
