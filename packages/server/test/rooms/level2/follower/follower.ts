import { downFrame } from '@parley/protocol/rooms/level2/down'
import { WebSocket } from 'ws'
import { RunTexts } from './run-texts.ts'
import { Stays } from './stays.ts'

export interface FollowerOptions {
  /** Where to connect, each time. */
  readonly url: () => string
  readonly key: string
  /** Milliseconds until it comes back. */
  readonly pause: () => number
  /** Hears of every step frame, repeats too. */
  readonly onStep?: (type: string, data: Readonly<Record<string, unknown>>) => void
}

/** A frame of either side, by its fields. */
interface Frame {
  readonly type: string
  readonly data: Record<string, unknown>
  readonly room_id?: string | null
  readonly message_id?: string | null
}

/** Where a message stands, as it was confirmed. */
export interface Confirmed {
  readonly id: string
  readonly room: string
  readonly seq: number
}

let asked = 0

/**
 * A client of level 2 that does what the guide says and nothing more: lists its rooms, resumes, follows every room and run by
 * numbers, comes back when the connection ends, and sends again what was not confirmed. It notes whatever the guide says cannot be.
 */
export class Follower {
  readonly stays = new Stays()
  readonly faults: string[] = []
  readonly confirmed = new Map<string, Confirmed>()
  /** Messages that were refused, with the code. */
  readonly refused = new Map<string, string>()
  /** Answers whose steps made up their text. */
  answers = 0
  connections = 0
  /** Milliseconds from opening a connection again to having caught up. */
  readonly catchUps: number[] = []
  readonly #options: FollowerOptions
  readonly #runs = new RunTexts()
  readonly #unconfirmed = new Map<string, Frame>()
  readonly #waiting = new Map<string, (answer: Frame | null) => void>()
  #userId = ''
  #ws: WebSocket | undefined
  #state: 'away' | 'live' | 'stopped' = 'away'
  /** Resumes under way or to come, of which there is one at a time. */
  #resumes = 0
  #lastResume = Promise.resolve()
  /** Holes in rooms, which the answer to a resume that is under way may explain. */
  readonly #suspected = new Map<string, string>()
  readonly #whenSettled: (() => void)[] = []
  readonly #whenStepped: (() => void)[] = []

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#connect()
  }

  /** Sends a message, as often as it takes. */
  say(room_id: string, message: string, message_id: string): void {
    const frame = { type: 'chat', data: { message }, room_id, message_id }
    this.#unconfirmed.set(message_id, frame)
    if (this.#state === 'live') this.#send(frame)
  }

  /** Sends a frame once; null where no answer came. */
  async ask(request: {
    readonly type: string
    readonly data: object
    readonly room_id?: string
  }): Promise<Frame | null> {
    const message_id = `q${++asked}`
    if (this.#ws?.readyState !== WebSocket.OPEN) return null
    const answer = new Promise<Frame | null>(resolve => this.#waiting.set(message_id, resolve))
    this.#send({ ...request, message_id })
    return answer
  }

  /** Resolves when it is connected, has caught up and has nothing to confirm. */
  settled(): Promise<void> {
    return new Promise(resolve => {
      this.#whenSettled.push(resolve)
      this.#settle()
    })
  }

  /** Runs of which it saw steps and not the end. */
  get following(): readonly string[] {
    return this.#runs.cursors.map(({ run_id }) => run_id)
  }

  /** Resolves when a step of a run comes. */
  stepped(): Promise<void> {
    return new Promise(resolve => this.#whenStepped.push(resolve))
  }

  /** Goes on from where it is, once it knows its rooms, as it does when something is missing. Resolves when it has caught up. */
  async resume(): Promise<void> {
    if (this.#state === 'live') await this.#goOn()
  }

  #goOn(): Promise<void> {
    this.#resumes++
    this.#lastResume = this.#lastResume.then(() => this.#resume())
    return this.#lastResume
  }

  async #resume(): Promise<void> {
    const runs = this.#runs.cursors
    const answer = await this.ask({ type: 'resume', data: { rooms: this.stays.cursors, runs } })
    if (answer && answer.type !== 'resumed') this.faults.push(`not resumed: ${JSON.stringify(answer)}`)
    this.#resumes--
  }

  [Symbol.dispose](): void {
    this.#state = 'stopped'
    this.#ws?.terminate()
  }

  /** Something is missing, which a resume that is under way may bring. */
  #missed(): void {
    if (this.#resumes === 0) void this.#goOn()
  }

  #connect(): void {
    const began = performance.now()
    const ws = new WebSocket(this.#options.url(), { headers: { 'X-API-Key': this.#options.key } })
    this.#ws = ws
    ws.on('open', () => {
      this.connections++
      this.#begin(ws, began).catch(error => this.faults.push(String(error)))
    })
    ws.on('message', data => this.#take(data.toString()))
    ws.on('error', () => undefined)
    ws.on('close', () => this.#closed())
  }

  #closed(): void {
    this.#suspected.clear()
    for (const give of this.#waiting.values()) give(null)
    this.#waiting.clear()
    if (this.#state === 'stopped') return
    this.#state = 'away'
    setTimeout(() => this.#state === 'away' && this.#connect(), this.#options.pause())
  }

  async #begin(ws: WebSocket, began: number): Promise<void> {
    const listed = await this.ask({ type: 'rooms', data: { limit: 200 } })
    if (!listed) return
    await this.#goOn()
    if (this.#ws !== ws || ws.readyState !== WebSocket.OPEN || this.#state === 'stopped') return
    if (this.connections > 1) this.catchUps.push(performance.now() - began)
    this.#state = 'live'
    for (const frame of this.#unconfirmed.values()) this.#send(frame)
    this.#settle()
  }

  #listed({ data }: Frame): void {
    const rooms = data.rooms as { room: string; seq: number }[] // as the schema says
    for (const { room, seq } of rooms) if (!this.stays.has(room)) this.stays.begin(room, seq)
  }

  #resumed({ data }: Frame): void {
    const { rooms, runs } = data as unknown as Resumed // as the schema says
    for (const { room, room_id, seq, reset } of rooms) {
      if (reset) this.#forget(room)
      if (reset) this.#suspected.delete(room)
      if (reset && room_id !== null) this.stays.begin(room, seq)
      if (!reset && this.stays.has(room) && this.stays.seq(room) < seq) {
        this.faults.push(`resumed ${room} at ${this.stays.seq(room)}, which is said to be at ${seq}`)
      }
    }
    for (const { run_id, reset } of runs) if (reset) this.#runs.end(run_id)
    if (this.#resumes === 1) this.faults.push(...this.#suspected.values())
    if (this.#resumes === 1) this.#suspected.clear()
  }

  #forget(room: string): void {
    this.stays.end(room)
    this.#runs.leave(room)
  }

  #send(frame: object): void {
    this.#ws?.send(JSON.stringify(frame), () => undefined)
  }

  #take(text: string): void {
    const read = downFrame.safeParse(JSON.parse(text))
    if (!read.success) return void this.faults.push(`not a documented frame: ${text.slice(0, 300)}`)
    const frame = JSON.parse(text) as Frame // an object, says the schema
    if (frame.type === 'connect') this.#userId = String(frame.data.user_id)
    const isAnswer = this.#answer(frame)
    if (isAnswer) return
    const { room } = frame.data
    if (frame.type === 'room_added') this.stays.added(String(room), Number(frame.data.seq))
    else if ('seq' in frame.data && typeof room === 'string') this.#event(room, frame)
    else if ('run_id' in frame.data && typeof room === 'string') this.#step(room, frame)
  }

  #answer(frame: Frame): boolean {
    const id = frame.message_id
    if (frame.type === 'chat' || id == null) return false
    // At once: what comes in the same piece is after it.
    if (frame.type === 'rooms') this.#listed(frame)
    if (frame.type === 'resumed') this.#resumed(frame)
    const give = this.#waiting.get(id)
    if (give) {
      this.#waiting.delete(id)
      give(frame)
      return true
    }
    if (!this.#unconfirmed.has(id)) return frame.type === 'delivery_confirmation' || frame.type === 'error'
    this.#unconfirmed.delete(id)
    if (frame.type === 'error') this.refused.set(id, String(frame.data.code))
    else this.confirmed.set(id, frame.data as unknown as Confirmed) // a confirmation holds it, says the schema
    this.#settle()
    return true
  }

  #event(room: string, { type, data }: Frame): void {
    const id = type === 'chat' ? String(data.id) : null
    const entry = {
      seq: Number(data.seq),
      type,
      id,
      clientId: type === 'chat' ? (data.client_id as string | null) : null,
    }
    if (!this.stays.take(room, entry)) {
      const fault = `${room}: ${type} ${entry.seq} came after ${this.stays.seq(room)}`
      // Of a room that begins anew what happens meanwhile comes before that is told.
      if (this.#resumes > 0) this.#suspected.set(room, fault)
      else this.faults.push(fault)
      return this.#missed()
    }
    if (type === 'member_left' && data.user_id === this.#userId) {
      this.stays.left(room)
      this.#runs.leave(room)
    }
    if (type === 'room_deleted') this.#forget(room)
    const run =
      type === 'chat'
        ? (data.run as { run_id: string } | null)
        : type === 'run_ended'
          ? { run_id: String(data.run_id) }
          : null
    if (run) this.#ended(run.run_id, data)
  }

  #ended(run: string, { content, edited_at }: Frame['data']): void {
    const said = this.#runs.end(run)
    // As it is now, which the steps are not, and of some of which only the end was seen.
    if (said === undefined || said === '' || content === undefined || edited_at !== null) return
    if (said === content) this.answers++
    else
      this.faults.push(`the steps of run ${run} are ${JSON.stringify(said)}, its message is ${JSON.stringify(content)}`)
  }

  #step(room: string, { type, data }: Frame): void {
    this.#options.onStep?.(type, data)
    for (const resolve of this.#whenStepped.splice(0)) resolve()
    // Who came into the room in the middle of it asks for its start.
    if (!this.#runs.take(room, String(data.run_id), Number(data.n), String(data.text ?? ''))) this.#missed()
  }

  #settle(): void {
    if (this.#state !== 'live' || this.#unconfirmed.size > 0) return
    for (const resolve of this.#whenSettled.splice(0)) resolve()
  }
}

/** Data of `resumed`. */
interface Resumed {
  readonly rooms: readonly { room: string; room_id: string | null; seq: number; reset: boolean }[]
  readonly runs: readonly { run_id: string; reset: boolean }[]
}
