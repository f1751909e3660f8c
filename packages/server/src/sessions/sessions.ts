import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import type { ResumePlan } from '../core/commands/resuming.ts'
import type { Core } from '../core/core.ts'
import { type ConnectionId, type CoreEvent, type DirectoryEvent, isDirectoryEvent } from '../core/events.ts'
import type { RoomId, UserId } from '../core/ids.ts'
import type { SignedIn } from '../core/user.ts'
import type { Goodbye, Rejection, Restored, Resumed, ShownSteps, View } from '../protocols/view.ts'
import type { Dependencies, Sessions } from './api.ts'
import { Attendance } from './attendance.ts'
import { type Connection, describe, named } from './connections.ts'
import { Doors } from './doors.ts'
import { Entering } from './entering.ts'
import { Fanout } from './fanout.ts'
import { pingFrame, textFrame } from './frame.ts'
import { answered, CLOSE } from './goodbyes.ts'
import { type Admission, admit, pathOf, queryOf, refusal, reject } from './handshake.ts'
import { Outbox } from './outbox.ts'
import { Pace } from './pace.ts'
import { Pump } from './pump.ts'
import { Queues } from './queues.ts'
import { Registry } from './registry.ts'
import { Session, type SessionHost } from './session.ts'
import { Stragglers } from './stragglers.ts'
import { createServer, type WireHost, wire } from './wire.ts'

export type { SessionSettings, Sessions } from './api.ts'

export function createSessions(deps: Dependencies): Sessions {
  return new LocalSessions(deps)
}

class LocalSessions implements Sessions, SessionHost, WireHost {
  readonly core: Core
  readonly #deps: Dependencies
  readonly #registry: Registry
  readonly #pump: Pump
  readonly #fanout: Fanout
  readonly #doors: Doors
  readonly #queues: Queues
  readonly #stragglers: Stragglers
  readonly #attendance: Attendance
  readonly #entering: Entering
  readonly #servers: ReadonlyMap<View, WebSocketServer>
  readonly #uploads: Pace
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
    this.#attendance = new Attendance(core.context)
    this.#uploads = new Pace(core.context.clock, UPLOAD_ALL)
    const onFault = (error: unknown) => this.fault(error)
    this.#pump = new Pump(this.#registry, core.context.clock, deps.observer, slow =>
      this.#stragglers.fell(slow, this.ticks),
    )
    this.#fanout = new Fanout(core, this.#registry, this.#pump, onFault)
    this.#doors = new Doors(views, settings, core.context.clock, this.#registry)
    this.#queues = new Queues(core, this.#registry, this.#fanout, this.#pump, onFault)
    this.#stragglers = new Stragglers({
      context: core.context,
      fanout: this.#fanout,
      observer: deps.observer,
      stuckSeconds: settings.stuckSeconds,
      giveUp: slow => this.#giveUp(slow),
      onFault,
    })
    this.#entering = new Entering({
      ...{ context: core.context, registry: this.#registry, fanout: this.#fanout, pump: this.#pump },
      ...{ queues: this.#queues, stragglers: this.#stragglers, reply: (to, text) => this.reply(to, text) },
    })
    this.#servers = new Map(views.map(view => [view, createServer(view, settings.closeSeconds)]))
  }

  get ticks(): number {
    return this.#pump.tick
  }

  get counts() {
    let waitingBytes = 0
    for (const { outbox } of this.#registry.all()) waitingBytes += outbox.waitingBytes
    const { size: sockets, users, rooms } = this.#registry
    return { sockets, users, rooms, waitingBytes, behind: this.#stragglers.size }
  }

  async start(): Promise<void> {
    await this.#fanout.start()
    this.core.context.broker.subscribe(events => this.#hear(events))
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A peer that hangs up while we look up its key must not bring the process down.
    socket.on('error', ignore)
    const view = this.#doors.find(pathOf(request), queryOf(request))
    if (!view) return this.#refuse('none', socket, NOT_FOUND)
    const full = this.#registry.size + this.#opening >= this.#deps.settings.maxConnections || this.#doors.isFull(view)
    if (full || this.#state === 'draining') return this.#refuse(view.name, socket, FULL)
    this.#opening++
    this.#open(view, request, socket, head)
      .catch(error => this.fault(error))
      .finally(() => this.#opening--)
  }

  tick(): void {
    const tick = ++this.#pump.tick
    const now = this.core.context.clock.now()
    this.#doors.turn(tick, {
      beat: view => {
        const text = view.heartbeat(now)
        const frame = text === null ? pingFrame('') : textFrame(text)
        return alive => this.#beat(alive, frame)
      },
      stale: stale => this.#shut(stale, CLOSE.stale),
      idle: idle => this.#shut(idle, idle.view.ends?.idle ?? CLOSE.idle),
    })
    this.#attendance.tick(tick, late => this.#shut(late, late.view.ends?.unproved ?? CLOSE.unproved))
    this.core.tick()
    this.#queues.tick()
    this.#stragglers.tick(tick)
    if (tick % this.#deps.settings.stuckSeconds === 0) this.#giveUpStalled()
    this.#deps.observer.received(this.#frames)
    this.#frames = 0
    if (tick % 2 === 0) Promise.all([this.core.refresh(), this.#fanout.sweep()]).catch(error => this.fault(error))
  }

  connections(): readonly Connection[] {
    return [...this.#registry.all()].map(this.#described)
  }

  connectionsOf(user: UserId): readonly Connection[] {
    return this.#registry.of(user).map(this.#described)
  }

  connection(id: ConnectionId): Connection | undefined {
    for (const open of this.#registry.all()) if (open.id === id) return this.#described(open)
    return undefined
  }

  readonly #described = (open: Session): Connection => describe(open, at => this.#timeOf(at), this.#doors.left(open))

  async drain(): Promise<void> {
    this.#state = 'draining'
    await this.core.drained()
    await answered(this.#registry.all())
    this.#pump.flush()
    for (const open of this.#registry.all()) this.#close(open, open.view.ends?.restarting ?? CLOSE.restarting)
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
    return this.#doors.take(of)
  }

  pace(of: Session, bytes: number): number {
    of.uploads ??= new Pace(this.core.context.clock, UPLOAD_EACH)
    return Math.max(of.uploads.take(bytes), this.#uploads.take(bytes))
  }

  resume(open: Session, ask: () => Promise<ResumePlan>, answer: (resumed: Resumed) => string): Promise<void> {
    return this.#entering.resume(open, ask, answer)
  }

  attach(open: Session, room: RoomId, seq: number): void {
    this.#entering.attach(open, room, seq)
  }

  restore(open: Session, make: (shown: ShownSteps) => Promise<Restored>): Promise<void> {
    return this.#entering.restore(open, make)
  }

  async #open(view: View, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const known = this.core.context.follower.seq
    const admission = await admit(this.core, view, request, this.#deps.settings.trust)
    if (socket.destroyed) return
    const { address } = admission.visitor
    if (admission.state === 'refused') return this.#refuse(view.name, socket, admission, address)
    const isFull = this.#doors.isFull(view) || this.#doors.isFullFor(admission.actor.user.id, view)
    if (isFull || this.#state === 'draining') return this.#refuse(view.name, socket, FULL, address)
    this.#servers.get(view)?.handleUpgrade(request, socket, head, ws => {
      socket.off('error', ignore)
      const opened = this.#wire(view, ws, socket, request, admission)
      this.#deps.log.debug({ ...named(opened), address }, 'connected')
      // Credentials may have died between the look-up and now, and their event passed before we could hear it.
      if (known !== this.core.context.follower.seq) void this.#recheck(opened)
      this.#begin(opened, request).catch(error => {
        this.fault(error)
        this.#shut(opened, CLOSE.failed)
      })
    })
  }

  /** Greets, shows what waited, and lets the client's frames be taken. */
  async #begin(opened: Session, request: IncomingMessage): Promise<void> {
    const { view, id: connection, session } = opened
    const { user } = opened.actor
    const [path, query] = [pathOf(request), queryOf(request)]
    const greeting = view.greet?.({ connection, session, path, query, user, at: this.core.context.clock.now() })
    if (greeting != null) this.reply(opened, greeting)
    if (view.catchUp === 'none') this.#registry.join(opened, this.core.context.store.lobby)
    if (view.catchUp === 'queue') await this.#entering.fromQueue(opened)
    opened.begin(view.opening?.(query, path))
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
    { actor, visitor, session, isBack }: Admission & { state: 'admitted' },
  ): Session {
    const outbox = new Outbox(socket, this.#deps.settings.outbox)
    const userAgent = (headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX)
    const id = this.core.context.ids.uuid()
    const opened = new Session(
      { id, view, actor, visitor, session: session ?? id, isBack, userAgent },
      ws,
      outbox,
      this,
    )
    wire(ws, opened, this)
    socket.on('drain', () => void this.#stragglers.drained(opened, this.ticks))
    this.#registry.add(opened)
    opened.slot = this.ticks
    this.#doors.enter(opened)
    this.#attendance.arrive(opened, this.ticks)
    this.#deps.observer.connected(view.name)
    return opened
  }

  received(from: Session, data: Buffer, isBinary: boolean): void {
    this.#frames++
    from.receive(data, isBinary)
  }

  closed(gone: Session, code: number): void {
    gone.gone()
    this.#registry.remove(gone)
    this.#doors.leave(gone)
    this.#stragglers.forget(gone)
    for (const open of this.#registry.of(gone.userId)) this.#stragglers.takeOver(open, gone.id, this.ticks)
    void this.#queues.store(gone)
    this.#attendance.depart(gone, code !== BROKEN)
    this.#deps.observer.disconnected(gone.view.name, code)
    this.#deps.log.debug({ ...named(gone), code }, 'disconnected')
    if (this.#registry.size === 0) this.#whenEmpty?.()
  }

  become(open: Session, actor: SignedIn): void {
    // What somebody sent before they left is still done, as whoever they are.
    if (!this.#registry.has(open)) {
      open.actor = actor
      return
    }
    this.#attendance.depart(open, true)
    this.#registry.move(open, actor)
    this.#attendance.arrive(open, this.ticks)
    this.#deps.log.debug(named(open), 'identified')
    // The credential may have died between the look-up and now.
    void this.#recheck(open)
  }

  #beat(alive: Session, frame: Buffer): void {
    this.#pump.pushEvent(alive, frame, null)
    this.#queues.beat(alive)
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

  #shut(open: Session, [code, reason]: Goodbye): void {
    this.#deps.log.info({ ...named(open), code, reason }, 'closing')
    this.#close(open, [code, reason])
  }

  #close(open: Session, [code, reason]: Goodbye): void {
    this.#stragglers.forget(open)
    open.close(code, reason)
  }

  #cutOff(): void {
    for (const open of this.#registry.all()) open.terminate()
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

/** Bytes a second that one connection uploads, and all together. More would keep everybody else waiting. */
const UPLOAD_EACH = 10 * 1024 * 1024
const UPLOAD_ALL = 20 * 1024 * 1024
/** Longest text of a client about itself that is kept. */
const USER_AGENT_MAX = 255
/** What a connection that broke ends with. */
const BROKEN = 1006

const NOT_FOUND = refusal(404, 'Not Found')
const FULL = refusal(503, 'The server is full or stopping', { 'Retry-After': '5' })

const ignore = () => undefined
