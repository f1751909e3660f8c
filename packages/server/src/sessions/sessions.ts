import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Core } from '../core/core.ts'
import { type CoreEvent, type DirectoryEvent, isDirectoryEvent } from '../core/events.ts'
import type { View } from '../protocols/view.ts'
import { catchUp } from './catchup.ts'
import { Fanout } from './fanout.ts'
import { textFrame } from './frame.ts'
import { admit, pathOf, type Rejection, refusal, reject } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Log, Observer } from './observe.ts'
import { Outbox, type OutboxLimits } from './outbox.ts'
import { Pump } from './pump.ts'
import { Registry } from './registry.ts'
import { Session, type SessionHost, type SignedIn } from './session.ts'
import type { TrustSettings } from './trust.ts'

export interface SessionSettings {
  readonly trust: TrustSettings
  /** Sockets open at one time; more are refused with 503. */
  readonly maxConnections: number
  readonly outbox: OutboxLimits
  /** Seconds between two heartbeats, and of silence until a socket is given up. */
  readonly heartbeatSeconds: number
  readonly staleSeconds: number
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

/** An open socket, for administrators. Times are milliseconds since 1970. */
export interface Connection {
  readonly username: string
  readonly connectionId: string
  readonly lastActivity: number
  readonly lastPong: number | null
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
  readonly counts: {
    readonly sockets: number
    readonly users: number
    readonly waitingBytes: number
    readonly behind: number
  }
  /** Refuses new sockets, tells the open ones to come back (1012), and resolves when all are gone. */
  drain(): Promise<void>
}

/** What closes a socket from our side. */
const CLOSE = {
  revoked: [1008, 'Credentials are no longer valid'],
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
  readonly #heartbeat: Heartbeat
  readonly #servers: ReadonlyMap<View, WebSocketServer>
  readonly #behind = new Set<Session>()
  readonly #startedAt: number
  #opened = 0
  #frames = 0
  #opening = 0
  #state: 'open' | 'draining' = 'open'
  #whenEmpty: (() => void) | undefined

  constructor(deps: Dependencies) {
    const { core, views, settings } = deps
    this.core = core
    this.#deps = deps
    this.#startedAt = core.context.clock.now()
    this.#registry = new Registry(views, core.context.store.lobby)
    this.#pump = new Pump(this.#registry, core.context.clock, deps.observer, slow => this.#fell(slow))
    this.#fanout = new Fanout(core, this.#registry, this.#pump, error => this.fault(error))
    this.#heartbeat = new Heartbeat(settings.heartbeatSeconds, settings.staleSeconds)
    this.#servers = new Map(views.map(view => [view, createServer(view, settings)]))
  }

  get ticks(): number {
    return this.#pump.tick
  }

  get counts() {
    let waitingBytes = 0
    for (const { outbox } of this.#registry.all()) waitingBytes += outbox.waitingBytes
    return { sockets: this.#registry.size, users: this.#registry.users, waitingBytes, behind: this.#behind.size }
  }

  async start(): Promise<void> {
    await this.#fanout.start()
    this.core.context.broker.subscribe(events => this.#hear(events))
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A peer that hangs up while we look up its key must not bring the process down.
    socket.on('error', ignore)
    const view = this.#deps.views.find(({ paths }) => paths.includes(pathOf(request)))
    if (!view) return this.#refuse('none', socket, NOT_FOUND)
    const full = this.#registry.size + this.#opening >= this.#deps.settings.maxConnections
    if (full || this.#state === 'draining') return this.#refuse(view.name, socket, FULL)
    this.#opening++
    this.#open(view, request, socket, head)
      .catch(error => this.fault(error))
      .finally(() => this.#opening--)
  }

  tick(): void {
    const tick = ++this.#pump.tick
    const frames = new Map(
      this.#deps.views.map(view => [view, textFrame(view.heartbeat(this.core.context.clock.now()))]),
    )
    this.#heartbeat.turn(
      tick,
      alive => this.#pump.pushEvent(alive, frames.get(alive.view) ?? textFrame(''), undefined, 0),
      stale => this.#shut(stale, CLOSE.stale),
    )
    for (const slow of this.#behind) this.#giveUpIfStuck(slow)
    if (tick % this.#deps.settings.stuckSeconds === 0) this.#giveUpStalled()
    this.#deps.observer.received(this.#frames)
    this.#frames = 0
    if (tick % 2 === 0) Promise.all([this.core.refresh(), this.#fanout.sweep()]).catch(error => this.fault(error))
  }

  connections(): readonly Connection[] {
    return [...this.#registry.all()].map(open => ({
      username: open.actor.user.name,
      connectionId: String(open.id),
      lastActivity: this.#timeOf(open.lastSeen),
      lastPong: open.lastPong === 0 ? null : this.#timeOf(open.lastPong),
    }))
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

  async #open(view: View, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const known = this.core.context.follower.seq
    const admission = await admit(this.core, view, request, this.#deps.settings.trust)
    if (socket.destroyed) return
    const { address } = admission
    if (admission.state === 'refused') return this.#refuse(view.name, socket, admission, address)
    if (this.#state === 'draining') return this.#refuse(view.name, socket, FULL)
    this.#servers.get(view)?.handleUpgrade(request, socket, head, ws => {
      socket.off('error', ignore)
      const opened = this.#wire(view, ws, socket, admission.actor)
      this.#deps.log.debug({ ...named(opened), address }, 'connected')
      // Credentials may have died between the look-up and now, and their event passed before we could hear it.
      if (known !== this.core.context.follower.seq) void this.#recheck(opened)
    })
  }

  #refuse(view: string, socket: Duplex, rejection: Rejection, address?: string): void {
    this.#deps.observer.refused(view, rejection.status)
    this.#deps.log.info({ view, status: rejection.status, ...(address && { address }) }, 'connection refused')
    reject(socket, rejection)
  }

  #wire(view: View, ws: WebSocket, socket: Duplex, actor: SignedIn): Session {
    const outbox = new Outbox(socket, this.#deps.settings.outbox)
    const opened = new Session(++this.#opened, view, actor, ws, outbox, this)
    const wired = Object.assign(ws, { [session]: opened, [host]: this })
    wired
      .on('message', onMessage)
      .on('ping', onSignOfLife)
      .on('pong', onSignOfLife)
      .on('error', ignore)
      .on('close', onClose)
    socket.on('drain', () => void this.#drained(opened))
    this.#registry.add(opened)
    this.#heartbeat.add(opened, this.ticks)
    if (this.core.context.presence.enter(opened.userId)) this.#presence(opened, true)
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
    this.#heartbeat.remove(gone)
    this.#behind.delete(gone)
    if (this.core.context.presence.leave(gone.userId)) this.#presence(gone, false)
    this.#deps.observer.disconnected(gone.view.name, code)
    this.#deps.log.debug({ ...named(gone), code }, 'disconnected')
    if (this.#registry.size === 0) this.#whenEmpty?.()
  }

  #presence(of: Session, online: boolean): void {
    this.core.context.emit({ type: 'presence.changed', user: of.actor.user, online })
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
        return this.#shut(open, CLOSE.revoked)
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
    if (alive !== true) this.#shut(open, CLOSE.revoked)
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
    if (end === 'live' && this.#behind.delete(open)) this.#deps.observer.slow(open.view.name, 'caught_up')
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

function onSignOfLife(this: WebSocket): void {
  ;(this as Wired)[session].alive()
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
