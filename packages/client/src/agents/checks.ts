import { CONTENT_MAX, codePoints, ERROR_TEXTS, isTime, RATE_MAX, RATE_WINDOW_MS } from '@parley/protocol/agents/limits'
import { type Clock, systemClock } from '../clock.ts'

const FIELDS = ['type', 'content', 'timestamp'] as const
const TYPES: readonly unknown[] = ['message', 'ping', 'model_switch', 'session_restore']

/** Whether it is a frame that every server of this protocol takes. Throws an Error that says what is wrong. */
export function validateMessage(data: unknown): true {
  const frame: object = Object(data)
  for (const field of FIELDS) if (!Object.hasOwn(frame, field)) throw new Error(`${ERROR_TEXTS.MISSING_FIELD}${field}`)
  const { type, content, timestamp } = frame as Record<(typeof FIELDS)[number], unknown> // they are there
  if (!TYPES.includes(type)) throw new Error(`${ERROR_TEXTS.INVALID_MESSAGE_TYPE}${type}`)
  if (typeof content === 'string' && codePoints(content) > CONTENT_MAX) throw new Error(ERROR_TEXTS.CONTENT_TOO_LONG)
  if (!isTime(timestamp)) throw new Error(ERROR_TEXTS.INVALID_TIMESTAMP)
  return true
}

/** Counts messages in a sliding window, for each session. */
export class RateLimiter {
  readonly maxMessages: number
  readonly windowMs: number
  readonly #clock: Clock
  /** When messages were sent, oldest first; sessions in the order of their last check. */
  readonly #sessions = new Map<string, number[]>()

  constructor(maxMessages = RATE_MAX, windowMs = RATE_WINDOW_MS, clock: Clock = systemClock) {
    this.maxMessages = maxMessages
    this.windowMs = windowMs
    this.#clock = clock
  }

  /** Whether the session may send one more now; then it is counted. */
  checkLimit(sessionId: string): boolean {
    const now = this.#clock.now()
    const isOld = (at: number) => now - at >= this.windowMs
    const sent = (this.#sessions.get(sessionId) ?? []).filter(at => !isOld(at))
    const mayOne = sent.length < this.maxMessages
    if (mayOne) sent.push(now)
    this.#sessions.delete(sessionId)
    this.#sessions.set(sessionId, sent)
    for (const [other, times] of this.#sessions) {
      if (!isOld(times.at(-1) ?? Number.NEGATIVE_INFINITY)) break
      this.#sessions.delete(other)
    }
    return mayOne
  }
}
