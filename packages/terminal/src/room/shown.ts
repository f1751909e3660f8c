import type { AddedFile, Room, Run, RunStep } from '@parley/client/chat'
import type { Happening, Place } from './happening.ts'
import { argumentsOf } from './phrase.ts'

export interface ShownOptions {
  /** Whether what is told counts as read. */
  readonly reads: boolean
  tell(happening: Happening): void
  /** A file can be had. */
  offer(file: AddedFile): void
  /** Does something after what was asked for before. */
  inTurn(task: () => Promise<void>): Promise<void>
}

/** A tool that waits for us is shown with what it would be given, where that is for everybody to see. */
function toolNote({ name, state, detail }: Extract<RunStep, { readonly type: 'tool' }>): string {
  if (state !== 'waiting') return `uses ${name}: ${state}`
  const { approval, arguments: given } = Object(detail) as { approval?: unknown; arguments?: unknown } // as a server says
  const what = given === undefined ? '' : ` with ${argumentsOf(given)}`
  return `wants to use ${name}${what}${typeof approval === 'string' ? `: /approve ${approval} or /deny ${approval}` : ''}`
}

const FIRST_SHOWN = 20
const PAGE_MAX = 200
const READ_WAIT_MS = 200

export const placeOf = (room: Room): Place => ({ room_id: room.id, name: room.name })

/** The room that somebody looks at: its newest messages, and everything that happens in it from then on. */
export class Shown {
  readonly #options: ShownOptions
  #room: Room | undefined
  #unfollow = () => {}
  /** What happened while the room's history is on its way. */
  #early: Happening[] | undefined
  /** The ordinal before which nothing was told. */
  #oldest: number | undefined
  #readTimer: NodeJS.Timeout | undefined
  /** The latest answer that began while the room was looked at. */
  #latestRun: string | undefined

  constructor(options: ShownOptions) {
    this.#options = options
  }

  /** The id of the latest answer here. */
  get latestRun(): string | undefined {
    if (this.#latestRun !== undefined) return this.#latestRun
    const told = this.#room?.messages.list.flatMap(message =>
      'run' in message && message.run ? [message.run.run_id] : [],
    )
    return told?.at(-1)
  }

  get room(): Room | undefined {
    return this.#room
  }

  /** Tells something, in its place. */
  tell(happening: Happening): void {
    if (this.#early) this.#early.push(happening)
    else this.#options.tell(happening)
  }

  async enter(room: Room): Promise<void> {
    this.leave()
    this.#unfollow()
    this.#room = room
    this.#latestRun = undefined
    this.#early = []
    this.#unfollow = this.#follow(room)
    await this.#load(room)
  }

  /** Tells `limit` messages before the oldest one that was told. */
  async older(limit: number): Promise<void> {
    const room = this.#room
    if (!room) return
    const page = await room.history({ limit, ...(this.#oldest !== undefined && { before: this.#oldest }) })
    this.#oldest = page.messages[0]?.ordinal ?? this.#oldest
    this.tell({ type: 'history', ...placeOf(room), messages: page.messages, more_before: page.more_before })
  }

  /** Marks what is told as read, once for many. */
  read(): void {
    if (!this.#options.reads || this.#readTimer) return
    this.#readTimer = setTimeout(() => this.#markRead(), READ_WAIT_MS).unref()
  }

  /** Marks what was told as read, before the end. */
  leave(): void {
    if (this.#readTimer) this.#markRead()
  }

  /** Tells how an answer ended. */
  tellEnd(room: Room, run_id: string, state: Run['state'], error: string | null): void {
    if (room !== this.#room || state === 'running') return
    this.tell({ type: 'run_end', ...placeOf(room), run_id, state, error })
  }

  /** Tells the newest messages, and after them what happened meanwhile. */
  async #load(room: Room): Promise<void> {
    this.#early ??= []
    try {
      const { read_to = 0, unread = 0 } = room.info ?? {}
      const limit = Math.min(Math.max(FIRST_SHOWN, unread + 3), PAGE_MAX)
      const { messages, more_before } = await room.history({ limit })
      this.#oldest = messages[0]?.ordinal
      this.#options.tell({ type: 'entered', ...placeOf(room), read_to, unread, messages, more_before })
    } finally {
      const early = this.#early
      this.#early = undefined
      for (const happening of early ?? []) this.#options.tell(happening)
      this.read()
    }
    for (const run of room.runs) this.#stream(room, run)
  }

  #follow(room: Room): () => void {
    const tell = (happening: Happening) => this.tell(happening)
    const off = [
      room.on('edited', ({ message }) => tell({ type: 'edited', ...placeOf(room), message })),
      room.on('deleted', ({ id, ordinal }) => tell({ type: 'deleted', ...placeOf(room), id, ordinal })),
      ...(['joined', 'left'] as const).map(type =>
        room.on(type, ({ user_id, username }) => tell({ type, ...placeOf(room), user_id, username })),
      ),
      room.on('changed', ({ closed, room_name }) =>
        tell({ type: 'changed', ...placeOf(room), name: room.info?.peer?.username ?? room_name, closed }),
      ),
      room.on('file', ({ file }) => {
        this.#options.offer(file)
        tell({ type: 'file', ...placeOf(room), file })
      }),
      room.on('typing', ({ people }) =>
        tell({ type: 'typing', ...placeOf(room), people: people.map(({ username }) => username) }),
      ),
      room.on('run', ({ run }) => this.#stream(room, run)),
      room.on('run_ended', ({ run }) =>
        this.tellEnd(room, run.id, run.state === 'running' ? 'interrupted' : run.state, run.info?.error ?? null),
      ),
      room.on('reset', () => {
        tell({ type: 'reset', ...placeOf(room) })
        void this.#options.inTurn(() => this.#load(room))
      }),
      room.on('membership', ({ membership }) => {
        if (membership === 'left' || membership === 'deleted') this.#gone(room)
      }),
    ]
    return () => {
      for (const stop of off) stop()
    }
  }

  #gone(room: Room): void {
    this.#unfollow()
    this.#room = undefined
    this.tell({ type: 'left_room', ...placeOf(room) })
  }

  /** Tells an answer as it comes in. How it ended is told by the room. */
  #stream(room: Room, run: Run): void {
    this.#latestRun = run.id
    const place = placeOf(room)
    const started_at = run.info?.started_at ?? new Date().toISOString()
    this.tell({ type: 'run', ...place, run_id: run.id, agent: run.agent?.username ?? 'assistant', started_at })
    const tell = async () => {
      for await (const step of run) {
        if (this.#room !== room) return
        if (step.type === 'text') this.tell({ type: 'run_text', ...place, run_id: run.id, text: step.text })
        else if (step.type === 'switch')
          this.#noteRun(room, run, `${step.from} hands over to ${step.to}: ${step.reason}`)
        else if (step.type === 'tool') this.#noteRun(room, run, toolNote(step))
      }
    }
    // Where steps are lost the message has the text.
    tell().catch(() => {})
  }

  #noteRun(room: Room, run: Run, text: string): void {
    this.tell({ type: 'run_note', ...placeOf(room), run_id: run.id, text })
  }

  #markRead(): void {
    clearTimeout(this.#readTimer)
    this.#readTimer = undefined
    // Where it fails, the next one says it again.
    if (this.#options.reads && this.#room && this.#room.unread > 0) this.#room.markRead().catch(() => {})
  }
}
