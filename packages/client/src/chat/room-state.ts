import type { Clock } from '../clock.ts'
import type { Delivered, HistoryQuery } from './asks.ts'
import { createTypers, type Typers } from './composer.ts'
import { ChatError } from './errors.ts'
import { createFeed, type Feed } from './feed.ts'
import type { Outgoing } from './outbox.ts'
import type { Membership, RoomEvent } from './room-events.ts'
import * as logs from './room-log.ts'
import { Run, type RunHost, type RunStep } from './run.ts'
import { count, type Summary, setRead, summarize } from './summary.ts'
import type { Person, RoomInfo, RoomStatic, RunInfo, RunOrigin } from './wire.ts'

/** What rooms need of their client. */
export interface RoomStateHost extends Omit<RunHost, 'again'> {
  readonly clock: Clock
  /** Most messages kept. */
  readonly keep: number
  /** Our user id; empty before the first connection. */
  me(): { readonly user_id: string; readonly username: string }
  /** Has the question of a run answered once more: by the run with the id that comes back. */
  again(runId: string, how: RunOrigin['how']): Promise<string>
  /** A listener failed. */
  failed(error: Error): void
  /** Events are missing before those that are here. */
  resume(of: RoomState | Run): void
  /** We are in a room that we were not in. */
  entered(room: RoomState): void
  /** Its log has moved on. */
  moved(room: RoomState): void
  /** The list of rooms looks different. */
  listed(room: RoomState): void
  /** Only the server knows what is unread. */
  refresh(room: RoomState): void
  /** An agent begins to answer. */
  started(run: Run): void
  /** The log shows that the server has a message of ours. */
  settle(room: RoomState, message: logs.SentMessage): void
  /** Somebody said something. */
  heard(room: RoomState, message: logs.SentMessage): void
}

/** Most events that are kept to be counted on top of an older list of rooms. */
const RECENT_MAX = 200
/** Runs that are known after their end, so that late steps are known for what they are. */
const ENDED_MAX = 100

/** Everything that is known of a room. What happened goes in, what is shown comes out. */
export class RoomState {
  readonly id: string
  readonly feed: Feed<RoomEvent>
  readonly typers: Typers
  readonly runs = new Map<string, Run>()
  readonly #host: RoomStateHost
  uuid: string | undefined
  membership: Membership = 'unknown'
  /** Whether the newest messages were asked for. */
  isShown = false
  #log = logs.EMPTY_LOG
  #summary: Summary | undefined
  #recent: readonly logs.LogEvent[] = []
  #shown: readonly logs.ShownMessage[] | undefined
  #isUpdating = false
  readonly #ended = new Map<string, Run>()

  constructor(id: string, host: RoomStateHost) {
    this.id = id
    this.#host = host
    this.feed = createFeed(error => host.failed(error))
    this.typers = createTypers(host.clock, () => {
      this.feed.tell({ type: 'typing', people: this.typers.list })
      this.#update()
    })
  }

  get seq(): number | null {
    return this.#log.seq
  }

  get hasHole(): boolean {
    return logs.hasHole(this.#log)
  }

  get info(): RoomInfo | undefined {
    return this.#summary?.info
  }

  get shown(): readonly logs.ShownMessage[] {
    this.#shown ??= logs.shown(this.#log)
    return this.#shown
  }

  /** The ordinal before which history is not here. */
  get first(): number | undefined {
    return this.#log.messages[0]?.ordinal
  }

  // --- the log

  /** Nothing is known of the log yet: it begins after `seq`. */
  begin(seq: number): void {
    if (this.#log.seq !== null) return
    this.#set(logs.begin(this.#log, seq))
    this.#host.moved(this)
  }

  /** Whether it is over: what still arrives was on its way. */
  get isGone(): boolean {
    return this.membership === 'left' || this.membership === 'deleted'
  }

  hear(event: logs.LogEvent): void {
    if (this.isGone) return
    const { log, news } = logs.hear(this.#log, event, this.#host.me().user_id, this.#host.keep)
    this.#set(log)
    this.#tell(news)
    if (this.hasHole) this.#host.resume(this)
  }

  /** Events were passed over: all that is known is where the log is now. */
  reset(seq: number): void {
    const { log, news } = logs.reset(this.#log, seq, this.#host.me().user_id, this.#host.keep)
    this.#set(log)
    this.#recent = []
    for (const run of this.runs.values()) run.fail(new ChatError('RESET', 'What happened meanwhile is not known'))
    this.runs.clear()
    this.typers.clear()
    this.feed.tell({ type: 'reset' })
    this.#host.moved(this)
    this.#tell(news)
  }

  takeHistory(asked: HistoryQuery, page: readonly logs.SentMessage[]): void {
    if (this.isGone || asked.conversation_id !== undefined) return
    if (asked.before === undefined && asked.after === undefined && asked.around === undefined) this.isShown = true
    this.#set(logs.takeHistory(this.#log, asked, page, this.#host.keep))
  }

  // --- our own messages

  add(message: Outgoing): void {
    const pending = pendingOf(message)
    this.#set(logs.addPending(this.#log, pending))
    if (pending.state === 'sending') this.feed.tell({ type: 'sending', message: pending })
  }

  confirm({ client_id, content, reply_to }: Outgoing, delivered: Delivered): logs.SentMessage {
    const { id, number, seq, ordinal, conversation_id, timestamp } = delivered
    const own = { ...this.#host.me(), role: 'user', client_id, content, reply_to, edited_at: null, run: null } as const
    const message = logs.sentMessage({ ...own, id, number, seq, ordinal, conversation_id, timestamp })
    this.#set(logs.confirm(this.#log, message))
    this.feed.tell({ type: 'sent', message })
    return message
  }

  fail(message: Outgoing): void {
    const failed = pendingOf(message)
    if (failed.state !== 'failed') return
    this.#set(logs.fail(this.#log, failed))
    this.feed.tell({ type: 'failed', message: failed })
  }

  discard(clientId: string): void {
    this.#set(logs.discard(this.#log, clientId))
  }

  // --- what the list of rooms says

  describe(info: RoomInfo): void {
    const before = this.#summary?.info.unread
    this.#summary = summarize(info, this.#recent, this.#host.me().user_id)
    this.#enter(info)
    if (before !== undefined && before !== this.#summary.info.unread) this.#tellUnread()
    this.#host.listed(this)
    this.#update()
  }

  /** What is known when a room is new. */
  welcome(info: Pick<RoomStatic, 'room' | 'seq'>): void {
    this.#enter(info)
    // Whether that event itself is still to come is told by the next one; a hole of one is soon filled.
    this.begin(Math.max(info.seq - 1, 0))
  }

  #enter({ room }: { readonly room: string }): void {
    this.uuid = room
    if (this.membership === 'member') return
    this.membership = 'member'
    this.feed.tell({ type: 'membership', membership: 'member' })
    this.#host.entered(this)
  }

  /** The room is no longer ours to see. */
  leave(membership: 'left' | 'deleted'): void {
    if (this.membership === membership) return
    this.membership = membership
    this.#set(logs.EMPTY_LOG)
    this.#recent = []
    this.#summary = undefined
    this.isShown = false
    this.typers.clear()
    for (const run of this.runs.values()) run.fail(new ChatError('NOT_MEMBER', 'You are no longer in the room'))
    this.runs.clear()
    this.feed.tell({ type: 'membership', membership })
    this.#host.listed(this)
  }

  /** Nothing comes from now on. */
  end(error: ChatError): void {
    this.typers.clear()
    for (const run of this.runs.values()) run.fail(error)
    this.runs.clear()
    this.feed.end(error.code === 'CLOSED' ? undefined : error)
  }

  /** The server may have counted what is still on its way here: that is counted when it comes. */
  setRead(readTo: number, unread: number): void {
    if (!this.#summary) return
    const here = logs.unreadAfter(this.#log, readTo, this.#host.me().user_id)
    this.#summary = setRead(this.#summary, readTo, Math.min(unread, here ?? unread))
    this.#tellUnread()
  }

  read(receipt: Person & { readonly up_to: number; readonly message_ids: readonly string[] }): void {
    const { user_id, username, up_to, message_ids } = receipt
    this.feed.tell({ type: 'read', user_id, username, up_to, message_ids })
  }

  // --- runs

  step(runId: string, step: RunStep): void {
    const isNew = !this.runs.has(runId)
    if (isNew && this.#ended.has(runId)) return
    const run = this.#run(runId)
    run.hear(step)
    if (isNew) this.feed.tell({ type: 'run', seq: null, run })
    if (run.isWhole && run.state !== 'running') this.runs.delete(runId)
    this.#update()
  }

  /** Has the question of a run of the room answered once more. The new run may be over already, where a repeat found it. */
  async again(id: string, how: RunOrigin['how']): Promise<Run> {
    const runId = await this.#host.again(id, how)
    const known = this.runs.get(runId) ?? this.#ended.get(runId)
    if (known) return known
    const run = this.#run(runId)
    this.feed.tell({ type: 'run', seq: null, run })
    return run
  }

  #run(id: string): Run {
    const known = this.runs.get(id)
    if (known) return known
    const run = new Run(id, {
      cancel: this.#host.cancel,
      again: (id, how) => this.again(id, how),
      resume: run => this.#resumeRun(run),
    })
    this.runs.set(id, run)
    return run
  }

  #resumeRun(run: Run): void {
    this.runs.set(run.id, run)
    this.#host.resume(run)
  }

  #startRun(seq: number, info: RunInfo): void {
    const isNew = !this.runs.has(info.run_id)
    const run = this.#run(info.run_id)
    run.describe(info)
    this.#host.started(run)
    if (isNew) this.feed.tell({ type: 'run', seq, run })
  }

  #endRun(info: RunInfo, message: logs.SentMessage | null): Run {
    const run = this.#run(info.run_id)
    run.end(info, message)
    this.#ended.set(run.id, run)
    const [oldest] = this.#ended.keys()
    if (this.#ended.size > ENDED_MAX && oldest !== undefined) this.#ended.delete(oldest)
    // The room's log may be ahead of the run's.
    if (run.isRead && !run.isWhole) this.#resumeRun(run)
    else this.runs.delete(info.run_id)
    return run
  }

  // --- telling

  #tell(news: readonly logs.LogEvent[]): void {
    for (const event of news) {
      this.#count(event)
      this.#tellOne(event)
    }
    if (news.length > 0) this.#host.moved(this)
  }

  #tellOne(event: logs.LogEvent): void {
    switch (event.type) {
      case 'message': {
        const { message } = event
        if (message.user_id === this.#host.me().user_id) this.#host.settle(this, message)
        if (message.run) this.#endRun(message.run, message)
        this.feed.tell(event)
        return this.#host.heard(this, message)
      }
      case 'run_started':
        return this.#startRun(event.seq, event.run)
      case 'run_ended':
        return this.feed.tell({ type: 'run_ended', seq: event.seq, run: this.#endRun(event.run, null) })
      case 'left':
        this.feed.tell(event)
        if (event.user_id === this.#host.me().user_id) this.leave('left')
        return
      case 'room_deleted':
        this.feed.tell(event)
        return this.leave('deleted')
      case 'edited':
      case 'deleted':
      case 'joined':
      case 'changed':
      case 'file':
      case 'gone':
        return this.feed.tell(event)
      default:
        event satisfies never
    }
  }

  #count(event: logs.LogEvent): void {
    this.#recent = [...this.#recent.slice(1 - RECENT_MAX), event]
    if (!this.#summary) return
    const before = this.#summary
    this.#summary = count(before, event, this.#host.me().user_id)
    if (before.isExact && !this.#summary.isExact) this.#host.refresh(this)
    if (before.info.unread !== this.#summary.info.unread) this.#tellUnread()
    this.#host.listed(this)
  }

  #tellUnread(): void {
    const info = this.info
    if (!info) return
    this.feed.tell({ type: 'unread', unread: info.unread, read_to: info.read_to })
    this.#host.listed(this)
    this.#update()
  }

  #set(log: logs.RoomLog): void {
    if (log === this.#log) return
    this.#log = log
    this.#shown = undefined
    this.#update()
  }

  #update(): void {
    if (this.#isUpdating) return
    this.#isUpdating = true
    queueMicrotask(() => {
      this.#isUpdating = false
      this.feed.tell({ type: 'update' })
    })
  }
}

/** A message on its way as the room shows it. */
function pendingOf(message: Outgoing): logs.SendingMessage | logs.FailedMessage {
  const { client_id, content, reply_to, conversation_id, timestamp, failed } = message
  const draft = { client_id, content, reply_to, conversation_id, timestamp }
  return failed ? { ...draft, state: 'failed', ...failed } : { ...draft, state: 'sending' }
}
