/**
 * What live connections tell about themselves: numbers for an operator, never contents. Every method is cheap enough to
 * be called on the hot path (an addition, no allocation), never throws, and is called once per write or per turn, not
 * once per receiver, wherever the caller can sum up.
 */
export interface Observer {
  /** An upgrade was answered with a socket. */
  connected(view: string): void
  /** A socket that was `connected` is gone; `code` is the close code that was sent, or 1006 where none was. */
  disconnected(view: string, code: number): void
  /** An upgrade was refused with this HTTP status. */
  refused(view: string, status: number): void
  /** Frames came from clients since the last call. */
  received(frames: number): void
  /** A client's frame was not understood or not allowed; `code` is from the error table, so there are few of them. */
  rejected(view: string, code: string): void
  /** Frames for receivers were handed to sockets: a frame to 1,000 readers counts 1,000. */
  delivered(view: string, frames: number, bytes: number): void
  /** Milliseconds between the publication of an event and the write of its last receiver. */
  lag(milliseconds: number): void
  /** A reader fell behind, caught up from the log again, or was closed because it took too long or too much. */
  slow(view: string, turn: 'behind' | 'caught_up' | 'closed'): void
}

/** Structured log of one component. `fields` never hold a secret, a query string or the text of a message. */
export interface Log {
  error(fields: object, text: string): void
  warn(fields: object, text: string): void
  info(fields: object, text: string): void
  debug(fields: object, text: string): void
}

const nothing = () => undefined

/** Watches nothing. */
export const unobserved: Observer = {
  connected: nothing,
  disconnected: nothing,
  refused: nothing,
  received: nothing,
  rejected: nothing,
  delivered: nothing,
  lag: nothing,
  slow: nothing,
}

/** Writes nothing. */
export const silent: Log = { error: nothing, warn: nothing, info: nothing, debug: nothing }
