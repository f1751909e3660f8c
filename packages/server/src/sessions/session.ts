import type { WebSocket } from 'ws'
import type { ResumePlan } from '../core/commands/resuming.ts'
import type { MarkMessage, SendMessage, Sent, Submitter } from '../core/commands/sending.ts'
import type { Core } from '../core/core.ts'
import type { ConnectionId } from '../core/events.ts'
import type { RoomId, UserId } from '../core/ids.ts'
import type { Outside } from '../core/ports/agents.ts'
import { type Refusal, Refused } from '../core/refusals.ts'
import type { SignedIn, Visitor } from '../core/user.ts'
import type { Ask, Connection, Decoded, Restored, Resumed, ShownSteps, View, Write } from '../protocols/view.ts'
import type { Channel } from './channel.ts'
import type { Heard } from './heard.ts'
import type { Outbox } from './outbox.ts'
import type { Pace } from './pace.ts'

/** What a session needs of the server it lives in. */
export interface SessionHost {
  readonly core: Core
  /** Present time in ticks of a second. */
  readonly ticks: number
  /** Puts a frame into the session's outbox, to be written at the end of the turn. */
  reply(session: Session, text: string): void
  /** Counts a frame against the session's limit: 0, or the seconds until one fits again. */
  meter(session: Session): number
  /** Counts bytes that were uploaded. Returns the milliseconds for which no more should come. */
  pace(session: Session, bytes: number): number
  /** Shows the session what is after the positions of a plan, then the answer, then everything as it happens. */
  resume(session: Session, plan: () => Promise<ResumePlan>, answer: (resumed: Resumed) => string): Promise<void>
  /** Makes the session that of somebody else. */
  become(session: Session, actor: SignedIn): void
  attach(session: Session, room: RoomId, seq: number): void
  restore(session: Session, make: (shown: ShownSteps) => Promise<Restored>): Promise<void>
  /** Counts a frame that was refused, by code. */
  rejected(session: Session, code: string): void
  fault(error: unknown): void
}

/** What a session is born with. */
export interface Born {
  readonly id: ConnectionId
  readonly view: View
  readonly actor: SignedIn
  /** The client as limits and logs know it. */
  readonly visitor: Visitor
  /** What the client calls it when it comes back. */
  readonly session: string
  readonly isBack: boolean
  readonly userAgent: string
}

/** Frames of one client that may wait for an earlier one before its socket is no longer read. */
const BACKLOG_MAX = 64
/** Weight of a client's writes that may be in flight before its socket is no longer read: 512 short ones, or a few long. */
const IN_FLIGHT_MAX = 128 * 1024
/** Bytes of frames that may wait for an earlier one before the socket is no longer read. */
const WAITING_MAX = 2 * 1024 * 1024
/** Frames a minute that may be rubbish. */
const REJECTS_MAX = 600

const weightOf = (decoded: Decoded): number => (decoded.state === 'ask' ? (decoded.weight ?? 0) : 0)

/** About the length of a write's answer. Those of all writes in flight may come at once. */
const weight = (write: Write): number => 256 + (write.type === 'message.send' ? write.body.length : 0)

/**
 * Decoded client's connection. Answers leave in the order of the frames: writes are pipelined and their answers lined up;
 * a question starts only when all earlier writes are committed, and nothing starts while it runs.
 */
export class Session implements Submitter, Connection {
  readonly id: ConnectionId
  readonly view: View
  readonly outbox: Outbox
  readonly #host: SessionHost
  readonly #ws: WebSocket
  readonly visitor: Visitor
  readonly session: string
  readonly isBack: boolean
  readonly userAgent: string
  /** What it is shown along with others, by room. */
  readonly channels = new Map<RoomId, Channel>()
  /** Whether it is shown what happens. It is first found out, or said by its client, how far that got. */
  isShown: boolean
  /** The one room it is shown; null for all of its user's. */
  only: RoomId | null = null
  /** Up to where the client has seen each room; null where the view's clients keep that themselves. */
  heard: Heard | null = null
  actor: SignedIn
  /** Tick of the last sign of life, of the last frame, and of the last answer to a heartbeat, 0 for none yet. */
  lastSeen: number
  lastFrame: number
  lastPong = 0
  /** Tick of the first place in the heartbeat's wheel. */
  slot = 0
  /** Told when the client has been written everything it missed, or is gone. */
  readonly waiting: (() => void)[] = []
  /** Whether what it missed is being read from the log. */
  catchingUp = false
  /** What its client showed for requests to elsewhere. In memory alone: never logged, never stored. */
  outside: Outside | null = null
  /** Resolves when the latest question is answered. */
  answering: Promise<void> | undefined
  /** Writes in flight, in the order of their frames. */
  #writes: Write[] = []
  #weight = 0
  /** Answers of writes that were settled before an earlier one, as a refusal may be. */
  #early: Map<Write, string | null> | undefined
  /** Nothing starts before `begin`. */
  #asking = true
  #backlog: Decoded[] = []
  #waiting = 0
  #rejects = 0
  #rejectsSince = 0
  #paused = false
  /** Whether it uploads faster than it may and is not read for a moment. */
  #isResting = false
  /** How fast it uploads; null before it does. */
  uploads: Pace | null = null
  /** `left`: the client is gone; what it sent before it went is still done. `shut`: we ended it; nothing more is. */
  #life: 'open' | 'left' | 'shut' = 'open'

  constructor(born: Born, ws: WebSocket, outbox: Outbox, host: SessionHost) {
    this.id = born.id
    this.view = born.view
    this.actor = born.actor
    this.visitor = born.visitor
    this.session = born.session
    this.isBack = born.isBack
    this.userAgent = born.userAgent
    this.isShown = born.view.catchUp === 'none'
    this.outbox = outbox
    this.#ws = ws
    this.#host = host
    this.lastSeen = host.ticks
    this.lastFrame = host.ticks
  }

  get connection(): ConnectionId {
    return this.id
  }

  resume(plan: () => Promise<ResumePlan>, answer: (resumed: Resumed) => string): Promise<void> {
    return this.#host.resume(this, plan, answer)
  }

  say(text: string): void {
    this.#host.reply(this, text)
  }

  become(actor: SignedIn): void {
    this.#host.become(this, actor)
  }

  attach(room: RoomId, seq: number): void {
    this.#host.attach(this, room, seq)
  }

  restore(make: (shown: ShownSteps) => Promise<Restored>): Promise<void> {
    return this.#host.restore(this, make)
  }

  release(): void {
    for (const told of this.waiting.splice(0)) told()
  }

  /** Starts with what the client sent so far; `opening` comes before that. */
  begin(opening: Decoded | undefined): void {
    this.#asking = false
    if (opening) this.#take(opening)
    this.#advance()
  }

  get userId(): UserId {
    return this.actor.user.id
  }

  /** Takes a frame of the client. */
  receive(data: Buffer, isBinary: boolean): void {
    if (this.#life !== 'open') return
    this.lastSeen = this.#host.ticks
    this.lastFrame = this.lastSeen
    const text = isBinary ? '' : data.toString()
    const decoded = isBinary ? this.view.binary : this.view.decode(text)
    for (const one of decoded.state === 'several' ? decoded.each : [decoded]) this.#hear(this.#admit(one, text))
    this.#throttle()
  }

  #hear(decoded: Decoded): void {
    this.#rest(weightOf(decoded))
    if (this.#mustWait(decoded)) this.#wait(decoded)
    else this.#take(decoded)
  }

  /** An upload leaves the others their turn. */
  #rest(bytes: number): void {
    const pause = bytes === 0 ? 0 : this.#host.pace(this, bytes)
    if (pause === 0 || this.#isResting) return
    this.#isResting = true
    setTimeout(() => {
      this.#isResting = false
      this.#throttle()
    }, pause).unref()
  }

  /** The frame, or, of a client that sends too many, what it is told instead. */
  #admit(decoded: Decoded, text: string): Decoded {
    if (decoded.state === 'ask' && decoded.isFree) return decoded
    const seconds = this.#host.meter(this)
    if (seconds === 0) return decoded
    this.#host.rejected(this, 'rate_limited')
    return { state: 'reply', text: this.view.tooFast?.(seconds, text) ?? '' }
  }

  #wait(decoded: Decoded): void {
    this.#backlog.push(decoded)
    this.#waiting += weightOf(decoded)
  }

  /** Hears a protocol ping, or a pong with its payload. */
  alive(payload: string): void {
    this.lastSeen = this.#host.ticks
    this.heard?.pong(payload)
  }

  /** Ends the connection with a code and a reason that the client is told. */
  close(code: number, reason: string): void {
    if (this.#life !== 'open') return
    this.outbox.flush()
    this.#shut()
    this.#ws.close(code, reason)
  }

  /** Drops the connection without a goodbye. */
  terminate(): void {
    this.#shut()
    this.#ws.terminate()
  }

  /** The connection is gone. */
  gone(): void {
    this.outbox.close()
    if (this.#life !== 'open') return
    this.#life = 'left'
    this.#advance()
  }

  #shut(): void {
    this.#life = 'shut'
    this.#backlog = []
    this.#waiting = 0
    this.outbox.close()
  }

  /** The socket took something: what waited for that goes on. */
  written(): void {
    if (this.#paused && !this.outbox.isLoaded) this.#advance()
  }

  /** Stops reading from a client that sends faster than it reads or than we can write, until it is served. */
  #throttle(): void {
    const isWaiting = this.#backlog.length >= BACKLOG_MAX || this.#waiting >= WAITING_MAX || this.#isResting
    const busy = isWaiting || this.#weight >= IN_FLIGHT_MAX || this.outbox.isLoaded
    if (busy === this.#paused) return
    this.#paused = busy
    if (busy) this.#ws.pause()
    else this.#ws.resume()
  }

  sent(sent: Sent, command: SendMessage): void {
    this.#wrote(command, this.view.sent(sent, command))
  }

  marked(command: MarkMessage): void {
    this.#wrote(command, this.view.marked(command))
  }

  refused(refusal: Refusal, command: Write): void {
    this.#host.rejected(this, refusal.code)
    this.#wrote(command, this.view.refused(refusal, command))
  }

  #mustWait(decoded: Decoded): boolean {
    if (this.#asking || this.#backlog.length > 0 || this.outbox.isLoaded) return true
    return this.#writes.length > 0 && decoded.state !== 'write' && decoded.state !== 'nothing'
  }

  #take(decoded: Decoded): void {
    switch (decoded.state) {
      case 'write':
        return this.#write(decoded.write)
      case 'ask':
        this.#asking = true
        this.answering = this.#ask(decoded)
        return
      case 'reply':
        return this.#host.reply(this, decoded.text)
      case 'reject':
        return this.#reject(decoded)
      case 'nothing':
        this.lastPong = this.lastSeen
        return
      default:
        return decoded satisfies never
    }
  }

  #write(write: Write): void {
    this.#writes.push(write)
    this.#weight += weight(write)
    const looking = this.#host.core.submit(this.actor, write, this)
    if (!looking) return
    // The place has to be looked up: what comes next must not overtake it.
    this.#asking = true
    looking.then(this.#proceed, this.#stumble)
  }

  #wrote(write: Write, text: string | null): void {
    if (this.#writes[0] !== write) {
      this.#early ??= new Map()
      this.#early.set(write, text)
      return
    }
    for (let next: string | null | undefined = text; next !== undefined; next = this.#takeEarly()) {
      const done = this.#writes.shift()
      this.#weight -= done ? weight(done) : 0
      if (next !== null) this.#host.reply(this, next)
    }
    if (this.#writes.length === 0 || this.#paused) this.#advance()
  }

  /** The answer of the oldest write, if it is known already. */
  #takeEarly(): string | null | undefined {
    const [oldest] = this.#writes
    const text = oldest && this.#early?.get(oldest)
    if (oldest) this.#early?.delete(oldest)
    return text
  }

  async #ask(ask: Ask): Promise<void> {
    try {
      const answer = await ask.perform({ core: this.#host.core, actor: this.actor, connection: this })
      if (answer !== null) this.#host.reply(this, answer)
    } catch (error) {
      const refusal: Refusal = error instanceof Refused ? error.refusal : { code: 'internal' }
      if (!(error instanceof Refused)) this.#host.fault(error)
      this.#host.rejected(this, refusal.code)
      const answer = ask.refused(refusal)
      if (answer !== null) this.#host.reply(this, answer)
    }
    this.#proceed()
  }

  readonly #proceed = (): void => {
    this.#asking = false
    this.#advance()
  }

  readonly #stumble = (error: unknown): void => {
    this.#host.fault(error)
    this.#proceed()
  }

  /** Starts what waited, as far as it may. */
  #advance(): void {
    // A client that does not read its answers gets no further ones made.
    while (this.#life === 'left' || !this.outbox.isLoaded) {
      const next = this.#backlog[0]
      const mayStart =
        next && !this.#asking && (this.#writes.length === 0 || next.state === 'write' || next.state === 'nothing')
      if (!mayStart) break
      this.#backlog.shift()
      this.#waiting -= weightOf(next)
      this.#take(next)
    }
    this.#throttle()
  }

  #reject(decoded: Decoded & { state: 'reject' }): void {
    const { ticks: tick } = this.#host
    this.#host.rejected(this, decoded.code)
    if (tick - this.#rejectsSince >= 60) {
      this.#rejectsSince = tick
      this.#rejects = 0
    }
    if (++this.#rejects > REJECTS_MAX) return this.close(1008, 'Too many bad frames')
    this.#host.reply(this, decoded.text)
  }
}
