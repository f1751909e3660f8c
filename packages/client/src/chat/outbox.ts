import { type BackoffOptions, backoff } from '../backoff.ts'
import { type Clock, sleep } from '../clock.ts'
import type { AskOptions, Delivered } from './asks.ts'
import { asChatError, ChatError } from './errors.ts'
import type { Requests } from './requests.ts'
import type { Draft, SentMessage } from './room-log.ts'
import type { Vault } from './vault.ts'

/** A message on its way. What is in it is what is kept in the storage. */
export interface Outgoing extends Draft {
  /** Null for one that begins a conversation without a room. */
  readonly room_id: string | null
  readonly options: AskOptions
  /** Sorts messages by when they were written, over any number of lives. */
  readonly order: number
  /** Why the server refused it, for good. */
  readonly failed?: { readonly code: string; readonly error: string } | undefined
}

export interface OutboxOptions {
  readonly requests: Pick<Requests, 'ask'>
  readonly clock: Clock
  readonly backoff: BackoffOptions
  readonly vault: Vault
  /** Most messages, refused ones included. */
  readonly max: number
  /** A message waits from now on, or is refused and kept: to be shown. */
  added(message: Outgoing): void
  /** Answers the message that the server made of it. */
  confirmed(message: Outgoing, delivered: Delivered): SentMessage
  failed(message: Outgoing): void
}

interface Entry {
  message: Outgoing
  /** Ends the attempt under way. */
  readonly stop: AbortController
  readonly result: PromiseWithResolvers<SentMessage>
}

/**
 * Our messages until they are confirmed. Each is sent again, under its id, until the server has it or refuses it for good;
 * those of a room one after the other. They outlive this object in the vault.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #entries = new Map<string, Entry>()
  /** What waits for each room, first to last; the first is under way. */
  readonly #lanes = new Map<string, Entry[]>()
  #isSending = false
  #order = 0
  #over: ChatError | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Rejects with ChatError: OUTBOX_FULL, the server's refusal, or CLOSED. */
  async send(message: Omit<Outgoing, 'order' | 'timestamp'>): Promise<SentMessage> {
    const { max } = this.#options
    if (this.#over) throw this.#over
    const known = this.#entries.get(message.client_id)
    if (known) return known.result.promise
    if (this.#entries.size >= max) throw new ChatError('OUTBOX_FULL', `${max} messages wait already`)
    return this.#add(this.#stamped(message)).result.promise
  }

  /** Takes up messages of an earlier life, before those of this one, and begins to send. Without effect the second time. */
  start(kept: readonly Outgoing[]): void {
    if (this.#isSending || this.#over) return
    const early = [...this.#lanes.values()].flat()
    this.#lanes.clear()
    for (const message of kept.toSorted((a, b) => a.order - b.order)) {
      this.#order = Math.max(this.#order, message.order)
      if (!this.#entries.has(message.client_id)) this.#add(message)
    }
    for (const entry of early) this.#enqueue(entry)
    this.#isSending = true
    for (const [key, lane] of this.#lanes) void this.#work(key, lane)
  }

  /** The log shows that the server has it. Answers whether that is news. */
  settle(sent: SentMessage): boolean {
    const entry = this.#entries.get(sent.client_id ?? '')
    if (!entry) return false
    this.#confirm(entry, sent)
    entry.stop.abort()
    const lane = this.#lanes.get(laneOf(entry.message))
    // The first is taken away by who works on it.
    const at = lane?.indexOf(entry) ?? -1
    if (at > 0 || (at === 0 && !this.#isSending)) lane?.splice(at, 1)
    return true
  }

  /** Sends a refused one again. Answers whether there was one. */
  retry(clientId: string): boolean {
    const entry = this.#entries.get(clientId)
    if (!entry?.message.failed || this.#over) return false
    const { failed: _, ...message } = entry.message
    this.#add(this.#stamped(message))
    return true
  }

  /** Forgets a refused one. Answers whether there was one. */
  discard(clientId: string): boolean {
    if (!this.#entries.get(clientId)?.message.failed) return false
    this.#entries.delete(clientId)
    this.#options.vault.dropMessage(clientId)
    return true
  }

  /** No more is sent from now on. */
  close(error: ChatError): void {
    this.#over = error
    for (const { stop, result } of this.#entries.values()) {
      stop.abort()
      result.reject(error)
    }
  }

  /** As written now. */
  #stamped(message: Omit<Outgoing, 'order' | 'timestamp'>): Outgoing {
    const now = this.#options.clock.now()
    this.#order = Math.max(this.#order + 1, now)
    return { ...message, timestamp: new Date(now).toISOString(), order: this.#order }
  }

  #add(message: Outgoing): Entry {
    const entry: Entry = { message, stop: new AbortController(), result: Promise.withResolvers() }
    // Who doesn't wait for it sees it fail in the room.
    entry.result.promise.catch(() => {})
    this.#entries.set(message.client_id, entry)
    this.#keep(message)
    this.#options.added(message)
    if (!message.failed) this.#enqueue(entry)
    return entry
  }

  #keep(message: Outgoing): void {
    this.#options.vault.keepMessage(message.client_id, JSON.stringify(message))
  }

  #enqueue(entry: Entry): void {
    const key = laneOf(entry.message)
    const lane = this.#lanes.get(key)
    if (lane) return void lane.push(entry)
    const fresh = [entry]
    this.#lanes.set(key, fresh)
    if (this.#isSending) void this.#work(key, fresh)
  }

  /** Sends what waits for a room, until nothing does. */
  async #work(key: string, lane: Entry[]): Promise<void> {
    for (let entry = lane[0]; entry && !this.#over; entry = lane[0]) {
      await this.#deliver(entry)
      lane.shift()
    }
    this.#lanes.delete(key)
  }

  /** Resolves once the message is confirmed or refused, or this outbox is closed. */
  async #deliver(entry: Entry): Promise<void> {
    const { clock, backoff: waits } = this.#options
    const { signal } = entry.stop
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const delivered = await this.#ask(entry.message, signal)
        if (!signal.aborted) this.#confirm(entry, this.#options.confirmed(entry.message, delivered))
        return
      } catch (thrown) {
        const error = asChatError(thrown, 'UNREACHABLE')
        if (signal.aborted || this.#over) return
        if (!error.retryable) return this.#refuse(entry, error)
        await sleep(clock, error.wait ?? backoff(waits, attempt, clock.random()), signal).catch(() => {})
      }
    }
  }

  #ask({ client_id, content, reply_to, conversation_id, room_id, options }: Outgoing, signal: AbortSignal) {
    const data = {
      message: content,
      ...(reply_to !== null && { reply_to }),
      ...(conversation_id !== null && { conversation_id }),
      ...options,
    }
    const roomId = room_id ?? undefined
    return this.#options.requests.ask('chat', data, { id: client_id, wait: 'patient', signal, roomId })
  }

  #confirm(entry: Entry, sent: SentMessage): void {
    this.#entries.delete(entry.message.client_id)
    this.#options.vault.dropMessage(entry.message.client_id)
    entry.result.resolve(sent)
  }

  #refuse(entry: Entry, error: ChatError): void {
    entry.message = { ...entry.message, failed: { code: error.code, error: error.message } }
    this.#keep(entry.message)
    this.#options.failed(entry.message)
    entry.result.reject(error)
  }
}

/** Messages that begin conversations wait for nobody. */
const laneOf = ({ room_id, client_id }: Outgoing) => room_id ?? `:${client_id}`

/** A kept text as a message; undefined where it is none. */
export function readOutgoing(text: string): Outgoing | undefined {
  try {
    const kept: unknown = JSON.parse(text)
    const { client_id, content, order } = Object(kept) as Partial<Record<keyof Outgoing, unknown>> // checked here
    const isOne = typeof client_id === 'string' && typeof content === 'string' && typeof order === 'number'
    return isOne ? (kept as Outgoing) : undefined // written by `add`
  } catch {
    return undefined
  }
}
