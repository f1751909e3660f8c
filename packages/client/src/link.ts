import type { Clock } from './clock.ts'
import { asError, NetworkError } from './errors.ts'

/** How a connection ended: the close code of RFC 6455 and the words that came with it. */
export interface Loss {
  readonly code: number
  readonly reason: string
}

/** One open WebSocket that carries text. */
export interface Link {
  /** Hands `text` to the socket. Throws NetworkError, whose text begins with `failure`, when the socket takes no more. */
  send(text: string, failure: string): void
  /** Says goodbye after all that was sent; resolves once the peer said so too, or after 2 s. */
  close(): Promise<void>
  /** Resolves once the connection is over, whoever ended it. No text arrives after that. */
  readonly ended: Promise<Loss>
}

export interface LinkOptions {
  readonly url: string
  readonly clock: Clock
  /** Longest wait for the connection, in milliseconds. */
  readonly timeout: number
  /** Silence after which the connection counts as lost, in milliseconds: a dead peer sends no goodbye. */
  readonly silence: number
  /** Gives the attempt up. Without effect once the connection is open. */
  readonly signal: AbortSignal
  /** Called for each text in order, from the first one on; never before the connection is open. */
  onText(text: string, link: Link): void
}

/** The server answered the request for a WebSocket with something else. Its status is hidden from us. */
export class LinkRefused extends NetworkError {}

/** The code of a connection that ended without a goodbye. */
const NO_GOODBYE = 1006
const CLOSE_WAIT_MS = 2_000

/** Resolves once the connection is open. Rejects with LinkRefused, or with NetworkError where more is known. */
export async function openLink({ url, clock, timeout, silence, signal, onText }: LinkOptions): Promise<Link> {
  const socket = newSocket(url)
  const opened = Promise.withResolvers<Link>()
  const ended = Promise.withResolvers<Loss>()
  let state: 'opening' | 'open' | 'over' = 'opening'
  let heard = clock.now()
  let cancelTimer = clock.after(timeout, () => giveUp(`no answer within ${timeout} ms`))

  const end = (loss: Loss, error: Error = new LinkRefused('Failed to connect: the server refused the connection')) => {
    state = 'over'
    cancelTimer()
    signal.removeEventListener('abort', callOff)
    opened.reject(error)
    ended.resolve(loss)
  }
  const giveUp = (detail: string) => {
    end({ code: NO_GOODBYE, reason: detail }, new NetworkError(`Failed to connect: ${detail}`))
    socket.close()
  }
  const callOff = () => giveUp('the attempt was called off')
  const watch = () => {
    const left = heard + silence - clock.now()
    if (left > 0) cancelTimer = clock.after(left, watch)
    else giveUp(`nothing heard for ${silence} ms`)
  }
  const link: Link = {
    send: (text, failure) => hand(socket, text, failure),
    async close() {
      socket.close(1000)
      const cancel = clock.after(CLOSE_WAIT_MS, () => end({ code: NO_GOODBYE, reason: '' }))
      await ended.promise
      cancel()
    },
    ended: ended.promise,
  }

  socket.addEventListener('open', () => {
    if (state !== 'opening') return
    state = 'open'
    heard = clock.now()
    cancelTimer()
    signal.removeEventListener('abort', callOff)
    watch()
    opened.resolve(link)
  })
  // Fires in the state OPEN only, so not once we called close().
  socket.addEventListener('message', ({ data }) => {
    heard = clock.now()
    if (typeof data === 'string') onText(data, link)
  })
  socket.addEventListener('close', ({ code, reason }) => end({ code, reason }))
  // Once open, a close event with the code follows every error.
  socket.addEventListener('error', () => state === 'opening' && end({ code: NO_GOODBYE, reason: '' }))
  if (signal.aborted) callOff()
  else signal.addEventListener('abort', callOff)
  return opened.promise
}

function newSocket(url: string): WebSocket {
  try {
    return new WebSocket(url)
  } catch {
    // The platform's own words would repeat the URL, and with it the key.
    throw new NetworkError('Failed to connect: the base URL is no WebSocket URL')
  }
}

function hand(socket: WebSocket, text: string, failure: string): void {
  // A closing socket takes text without a word and drops it.
  if (socket.readyState !== WebSocket.OPEN) throw new NetworkError(`${failure}: the connection is closing`)
  try {
    socket.send(text)
  } catch (error) {
    throw new NetworkError(`${failure}: ${asError(error).message}`)
  }
}
