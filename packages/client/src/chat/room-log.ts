import type { FileAddedFrame } from '@parley/protocol/rooms/level2/room-list'
import type { Message, Person, RoomStatic, RunInfo } from './wire.ts'

/** A message as the server has it. */
export type SentMessage = Message & { readonly state: 'sent' }

/** A message of a frame, without what else the frame says. */
export function sentMessage(message: Message): SentMessage {
  const { id, number, seq, ordinal, role, user_id, username, content, client_id } = message
  const { reply_to, conversation_id, timestamp, edited_at, run } = message
  const places = { id, number, seq, ordinal, timestamp, edited_at }
  return { state: 'sent', ...places, role, user_id, username, content, client_id, reply_to, conversation_id, run }
}

/** A message of our own that the server has not confirmed. */
export interface Draft {
  readonly client_id: string
  readonly content: string
  readonly reply_to: string | null
  readonly conversation_id: number | null
  /** When it was written, by this machine's clock. ISO 8601. */
  readonly timestamp: string
}

export type SendingMessage = Draft & { readonly state: 'sending' }
/** The server refused it, for good. `error` is in words, `code` is stable. */
export type FailedMessage = Draft & { readonly state: 'failed'; readonly code: string; readonly error: string }

export type ShownMessage = SentMessage | SendingMessage | FailedMessage

export type AddedFile = Omit<FileAddedFrame['data'], 'room' | 'seq'>

/** What a room's log holds, one for each `seq`. */
export type LogEvent = { readonly seq: number } & (
  | { readonly type: 'message'; readonly message: SentMessage }
  /** `message` as it is now; its own `seq` stays. */
  | { readonly type: 'edited'; readonly message: SentMessage }
  | { readonly type: 'deleted'; readonly id: string; readonly ordinal: number }
  | ({ readonly type: 'joined' | 'left'; readonly participants_count: number } & Person)
  | ({ readonly type: 'changed' } & Pick<RoomStatic, 'room_name' | 'owner' | 'assistant' | 'closed'>)
  | { readonly type: 'room_deleted' }
  | { readonly type: 'run_started' | 'run_ended'; readonly run: RunInfo }
  | { readonly type: 'file'; readonly file: AddedFile }
  /** What was here is erased. */
  | { readonly type: 'gone' }
)

/**
 * What this client has of a room's log: the newest messages, without a hole, and its own that are under way. A value: every
 * function here answers another one.
 */
export interface RoomLog {
  /** The last event applied; null before the first. */
  readonly seq: number | null
  /** By ordinal. At most `keep`. */
  readonly messages: readonly SentMessage[]
  /** Our own that are not in `messages` yet, in the order in which they were written. */
  readonly pending: readonly ShownMessage[]
  /** Events beyond a hole, by seq. */
  readonly ahead: readonly LogEvent[]
  /** Ordinals deleted lately: a page of history may be older than their deletion. */
  readonly deleted: readonly number[]
}

export const EMPTY_LOG: RoomLog = { seq: null, messages: [], pending: [], ahead: [], deleted: [] }

/** Events beyond a hole that are kept. Further ones are dropped: the server sends them again. */
const AHEAD_MAX = 1_000
const DELETED_MAX = 100

/** What came of an event. */
export interface Heard {
  readonly log: RoomLog
  /** What is new, in order: each event of the log once. */
  readonly news: readonly LogEvent[]
}

/** Whether events are missing before those that are here. */
export const hasHole = (log: RoomLog): boolean => log.ahead.length > 0

/** Takes an event, in whatever order and however often it comes. `me` is our user id. */
export function hear(log: RoomLog, event: LogEvent, me: string, keep: number): Heard {
  const next = (log.seq ?? event.seq - 1) + 1
  if (event.seq < next) return { log, news: [] }
  if (event.seq > next) return { log: { ...log, ahead: held(log.ahead, event) }, news: [] }
  return drain(apply(log, event, me, keep), [event], me, keep)
}

/** The log from a new place on: everything up to `seq` counts as known, and has to be asked for with `history`. */
export function reset(log: RoomLog, seq: number, me: string, keep: number): Heard {
  const pending = log.pending.filter(message => message.state !== 'sent' || message.seq > seq)
  const ahead = log.ahead.filter(event => event.seq > seq)
  return drain({ seq, messages: [], pending, ahead, deleted: [] }, [], me, keep)
}

/** The log from `seq` on, where nothing is known of it yet. */
export const begin = (log: RoomLog, seq: number): RoomLog => (log.seq === null ? { ...log, seq } : log)

function held(ahead: readonly LogEvent[], event: LogEvent): readonly LogEvent[] {
  const at = ahead.findIndex(({ seq }) => seq >= event.seq)
  if (at < 0) return ahead.length < AHEAD_MAX ? [...ahead, event] : ahead
  return ahead[at]?.seq === event.seq ? ahead : ahead.toSpliced(at, 0, event).slice(0, AHEAD_MAX)
}

/** Applies what was held back and fits now. */
function drain(log: RoomLog, before: readonly LogEvent[], me: string, keep: number): Heard {
  const news = [...before]
  let now = log
  for (const event of log.ahead) {
    if (event.seq > (now.seq ?? 0) + 1) break
    if (event.seq === (now.seq ?? 0) + 1) {
      now = apply(now, event, me, keep)
      news.push(event)
    }
  }
  const seq = now.seq ?? 0
  return { log: log.ahead.length === 0 ? now : { ...now, ahead: log.ahead.filter(event => event.seq > seq) }, news }
}

function apply(log: RoomLog, event: LogEvent, me: string, keep: number): RoomLog {
  const { seq } = event
  switch (event.type) {
    case 'message': {
      const { message } = event
      const pending = message.user_id === me ? without(log.pending, message.client_id) : log.pending
      return { ...log, seq, pending, messages: merge(log.messages, [message], keep) }
    }
    case 'edited': {
      const { message } = event
      const messages = log.messages.map(known => (known.id === message.id ? message : known))
      return { ...log, seq, messages }
    }
    case 'deleted': {
      const messages = log.messages.filter(({ ordinal }) => ordinal !== event.ordinal)
      return { ...log, seq, messages, deleted: [...log.deleted.slice(1 - DELETED_MAX), event.ordinal] }
    }
    case 'joined':
    case 'left':
    case 'changed':
    case 'room_deleted':
    case 'run_started':
    case 'run_ended':
    case 'file':
    case 'gone':
      return { ...log, seq }
    default:
      return event satisfies never
  }
}

/**
 * Takes a page of history where it adjoins what is here: the newest page, or the one before the oldest message. Another page
 * changes nothing.
 */
export function takeHistory(
  log: RoomLog,
  asked: {
    readonly before?: number | undefined
    readonly after?: number | undefined
    readonly around?: number | undefined
  },
  page: readonly SentMessage[],
  keep: number,
): RoomLog {
  const isNewest = asked.before === undefined && asked.after === undefined && asked.around === undefined
  if (!isNewest && (asked.before === undefined || asked.before !== log.messages[0]?.ordinal)) return log
  const fresh = page.filter(({ ordinal }) => !log.deleted.includes(ordinal))
  const messages = merge(log.messages, fresh, keep)
  const shown = new Set(messages.map(({ id }) => id))
  return {
    ...log,
    messages,
    pending: log.pending.filter(message => message.state !== 'sent' || !shown.has(message.id)),
  }
}

/** Both, by ordinal; of two of the same message the one that was edited last. The newest `keep`. */
function merge(known: readonly SentMessage[], more: readonly SentMessage[], keep: number): readonly SentMessage[] {
  const last = known.at(-1)
  const [first] = more
  if (!last || !first || first.ordinal > last.ordinal) return [...known, ...more].slice(-keep)
  const all = new Map(more.map(message => [message.ordinal, message]))
  for (const message of known) {
    const other = all.get(message.ordinal)
    if (!other || (message.edited_at ?? '') >= (other.edited_at ?? '')) all.set(message.ordinal, message)
  }
  return [...all.values()].sort((a, b) => a.ordinal - b.ordinal).slice(-keep)
}

/** A message of our own that is about to be sent, or that waits since an earlier life. */
export function addPending(log: RoomLog, message: SendingMessage | FailedMessage): RoomLog {
  const others = without(log.pending, message.client_id)
  // The server's clock is another than ours.
  const at = others.findLastIndex(({ state, timestamp }) => state === 'sent' || timestamp <= message.timestamp) + 1
  return { ...log, pending: others.toSpliced(at, 0, message) }
}

/** The server has our message. It stays where it is until its place in the log is reached. */
export function confirm(log: RoomLog, sent: SentMessage): RoomLog {
  const isHere = log.seq !== null && sent.seq <= log.seq
  return { ...log, pending: isHere ? without(log.pending, sent.client_id) : replaced(log.pending, sent) }
}

export const fail = (log: RoomLog, failed: FailedMessage): RoomLog => ({
  ...log,
  pending: replaced(log.pending, failed),
})

export const discard = (log: RoomLog, clientId: string): RoomLog => ({
  ...log,
  pending: without(log.pending, clientId),
})

/** What a reader is shown, oldest first: our own unconfirmed messages come last. */
export const shown = ({ messages, pending }: RoomLog): readonly ShownMessage[] =>
  pending.length === 0 ? messages : [...messages, ...pending]

/** How many messages of others came after that ordinal; undefined where not all of them are here. */
export function unreadAfter({ messages }: RoomLog, ordinal: number, me: string): number | undefined {
  const [first] = messages
  if (!first || first.ordinal > ordinal + 1) return undefined
  return messages.filter(message => message.ordinal > ordinal && message.user_id !== me).length
}

const without = (pending: readonly ShownMessage[], clientId: string | null): readonly ShownMessage[] =>
  pending.some(({ client_id }) => client_id === clientId)
    ? pending.filter(({ client_id }) => client_id !== clientId)
    : pending

const replaced = (pending: readonly ShownMessage[], message: ShownMessage): readonly ShownMessage[] =>
  pending.map(known => (known.client_id === message.client_id ? message : known))
