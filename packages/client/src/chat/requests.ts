import type { Clock } from '../clock.ts'
import { newId } from '../ids.ts'
import { ANSWER, type Asks, type AskType } from './asks.ts'
import { ChatError } from './errors.ts'
import type { Frame } from './frames.ts'

export interface AskSettings {
  /** Whose room. */
  readonly roomId?: string | undefined
  /** The id that answers carry. Default: a new one. */
  readonly id?: string | undefined
  /**
   * - `within`: fails with TIMEOUT when it has no answer in time, the wait for a connection included.
   * - `patient`: waits for a connection as long as it takes; once sent, for the answer as long as the others.
   * - `now`: part of the start of this connection: sent before it is live, and over with it.
   */
  readonly wait?: 'within' | 'patient' | 'now' | undefined
  /** Gives the request up. Whether it was done is unknown. */
  readonly signal?: AbortSignal | undefined
}

/** Most requests without an answer. */
const WAITING_MAX = 2_000

interface Entry {
  readonly text: string
  readonly answer: string
  readonly wait: 'within' | 'patient' | 'now'
  cancelTimer: () => void
  isSent: boolean
  settle(result: { readonly data: unknown } | { readonly error: ChatError }): void
}

/**
 * Requests and their answers. One that has no answer when the connection is lost is sent again on the next: each may be done
 * twice without harm.
 */
export class Requests {
  readonly #clock: Clock
  readonly #timeout: number
  readonly #waiting = new Map<string, Entry>()
  #link: { readonly send: (text: string) => void; isLive: boolean } | undefined
  #over: ChatError | undefined

  /** `timeout` in milliseconds. */
  constructor(clock: Clock, timeout: number) {
    this.#clock = clock
    this.#timeout = timeout
  }

  /** Rejects with ChatError. */
  ask<T extends AskType>(type: T, data: Asks[T]['data'], settings: AskSettings = {}): Promise<Asks[T]['answer']> {
    const { roomId, id = newId(), wait = 'within', signal } = settings
    return new Promise((resolve, reject) => {
      const refused = this.#over ?? (signal?.aborted ? aborted(signal) : this.#full())
      if (refused) return reject(refused)
      const giveUp = () => signal && entry.settle({ error: aborted(signal) })
      const entry: Entry = {
        text: JSON.stringify({ type, data, message_id: id, room_id: roomId }),
        answer: ANSWER[type],
        wait,
        isSent: false,
        cancelTimer: () => {},
        settle: result => {
          this.#waiting.delete(id)
          entry.cancelTimer()
          signal?.removeEventListener('abort', giveUp)
          if ('error' in result) reject(result.error)
          // The type of a frame says what is in it: see `Asks`.
          else resolve(result.data as Asks[T]['answer'])
        },
      }
      signal?.addEventListener('abort', giveUp)
      this.#waiting.set(id, entry)
      if (wait !== 'patient') this.#startTimer(entry)
      this.#send(entry)
    })
  }

  /** Sends what nobody answers, if there is a live connection. */
  tell(type: 'typing', roomId: string, data: { readonly is_typing: boolean }): void {
    if (this.#link?.isLive) this.#hand(JSON.stringify({ type, data: { ...data, room_id: roomId }, room_id: roomId }))
  }

  /** Whether the frame was the answer to a request. */
  hear({ type, data, answers }: Frame): boolean {
    const entry = answers === null ? undefined : this.#waiting.get(answers)
    if (!entry) return false
    if (type === 'error') entry.settle({ error: errorOf(data) })
    else if (type === entry.answer) entry.settle({ data })
    else return false
    return true
  }

  /** There is a connection; requests that belong to its start are sent. */
  open(send: (text: string) => void): void {
    this.#link = { send, isLive: false }
  }

  /** Now all are. */
  live(): void {
    if (this.#link) this.#link.isLive = true
    for (const entry of [...this.#waiting.values()]) this.#send(entry)
  }

  lost(): void {
    this.#link = undefined
    for (const entry of [...this.#waiting.values()]) {
      if (entry.wait === 'now') entry.settle({ error: new ChatError('UNREACHABLE', 'The connection was lost') })
      else if (entry.wait === 'patient') entry.cancelTimer()
      entry.isSent = false
    }
  }

  /** Fails everything, now and from now on. */
  end(error: ChatError): void {
    this.#over = error
    for (const entry of [...this.#waiting.values()]) entry.settle({ error })
  }

  #full(): ChatError | undefined {
    if (this.#waiting.size < WAITING_MAX) return undefined
    return new ChatError('OUTBOX_FULL', 'Too many requests wait for an answer')
  }

  #startTimer(entry: Entry): void {
    const overdue = () => entry.settle({ error: new ChatError('TIMEOUT', `No answer within ${this.#timeout} ms`) })
    entry.cancelTimer = this.#clock.after(this.#timeout, overdue)
  }

  #send(entry: Entry): void {
    if (!this.#link || entry.isSent || (entry.wait !== 'now' && !this.#link.isLive)) return
    entry.isSent = true
    if (entry.wait === 'patient') this.#startTimer(entry)
    this.#hand(entry.text)
  }

  #hand(text: string): void {
    try {
      this.#link?.send(text)
    } catch {
      // The connection is closing. What has no answer is sent again on the next one.
    }
  }
}

const aborted = (signal: AbortSignal) => new ChatError('ABORTED', 'It was called off', { cause: signal.reason })

/** An `error` frame as what a call rejects with. */
export function errorOf({ error, code, retry_after }: Frame['data']): ChatError {
  return new ChatError(
    typeof code === 'string' ? code : 'INTERNAL_ERROR',
    typeof error === 'string' ? error : 'The server refused it',
    typeof retry_after === 'number' ? { retryAfter: retry_after } : {},
  )
}
