import { CLOSE } from '@parley/protocol/rooms/limits'
import { type BackoffOptions, backoff } from '../backoff.ts'
import { type Clock, sleep } from '../clock.ts'
import { type Link, LinkRefused, type Loss, openLink } from '../link.ts'
import type { Access } from './access.ts'
import { asChatError, ChatError } from './errors.ts'
import { type Frame, readFrame } from './frames.ts'

/** Where the connection is. */
export type ConnectionState =
  | { readonly state: 'new' }
  /** `attempt` counts from 0, anew after a connection that lived for 10 s. */
  | { readonly state: 'connecting'; readonly attempt: number }
  /** Connected; what was missed is on its way. */
  | { readonly state: 'syncing' }
  | { readonly state: 'live' }
  /** The attempt of that number is in `delay` milliseconds; `error` says why the last one failed. */
  | { readonly state: 'waiting'; readonly attempt: number; readonly delay: number; readonly error: ChatError }
  /** Over. `error` is undefined after `close()`. */
  | { readonly state: 'closed'; readonly error: ChatError | undefined }

/** What the first frame says. */
export interface Hello {
  readonly user_id: string
  readonly username: string
  readonly role: string
}

export interface ConnectionOptions {
  readonly socketUrl: string
  readonly access: Access
  readonly clock: Clock
  /** Longest wait for a connection, in milliseconds. */
  readonly timeout: number
  readonly backoff: BackoffOptions
  /** Catches up. The connection is live once it resolves; where it rejects, the connection is given up. */
  sync(hello: Hello, send: (text: string) => void): Promise<void>
  /** Every frame but the first, in order. */
  frame(frame: Frame): void
  /** `sync` succeeded, or a connection is over. */
  live(): void
  lost(): void
  changed(state: ConnectionState): void
}

/** A connection that comes back. */
export interface Connection {
  readonly state: ConnectionState
  /** Begins. Without effect when it has begun. */
  start(): void
  /** Ends the wait for the next attempt. */
  wake(): void
  /** Says goodbye after everything that was sent, for good. */
  close(): Promise<void>
}

/** The server sends a heartbeat every 30 s. */
const SILENCE_MS = 90_000
const STABLE_MS = 10_000

export function createConnection(options: ConnectionOptions): Connection {
  const { clock } = options
  const stop = new AbortController()
  let state: ConnectionState = { state: 'new' }
  let open: Link | undefined
  let attempt = 0
  let refusals = 0
  let wake = new AbortController()

  const change = (next: ConnectionState) => {
    if (state.state === 'closed') return
    state = next
    options.changed(state)
  }

  /** One connection, from the first try to its end. Resolves with why it ended, rejects with why it never began. */
  async function once(): Promise<ChatError> {
    const token = await options.access.socketToken()
    const { link, hello } = await dial(options, token, stop.signal)
    open = link
    try {
      change({ state: 'syncing' })
      const lost = link.ended.then(loss => Promise.reject(lossError(loss)))
      await Promise.race([options.sync(hello, text => link.send(text, 'Failed to send')), lost])
      const since = clock.now()
      refusals = 0
      change({ state: 'live' })
      options.live()
      const loss = await link.ended
      if (clock.now() - since >= STABLE_MS) attempt = 0
      return lossError(loss)
    } finally {
      open = undefined
      options.lost()
      void link.close()
    }
  }

  async function run(): Promise<ChatError> {
    for (;;) {
      change({ state: 'connecting', attempt })
      const error = await once().catch(thrown => asChatError(thrown, 'UNREACHABLE'))
      if (stop.signal.aborted || isFinal(error)) return error
      const delay = Math.max(backoff(options.backoff, attempt++, clock.random()), error.wait ?? 0)
      change({ state: 'waiting', attempt, delay, error })
      wake = new AbortController()
      await sleep(clock, delay, AbortSignal.any([stop.signal, wake.signal])).catch(() => {})
      if (stop.signal.aborted) return error
    }
  }

  /** A refused token is final, unless the next one may be another: then the second in a row is. */
  function isFinal({ code }: ChatError): boolean {
    if (code === 'UNAUTHENTICATED') return !options.access.renews || ++refusals >= 2
    return code === 'ANOTHER_USER' || code === 'MALFORMED'
  }

  return {
    get state() {
      return state
    },
    start() {
      if (state.state !== 'new') return
      void run().then(error => change({ state: 'closed', error }))
    },
    wake: () => wake.abort(),
    async close() {
      change({ state: 'closed', error: undefined })
      const link = open
      stop.abort()
      await link?.close()
    },
  }
}

interface Dialled {
  readonly link: Link
  readonly hello: Hello
}

/** Connects and waits for the first frame. */
async function dial(options: ConnectionOptions, token: string, signal: AbortSignal): Promise<Dialled> {
  const { socketUrl, clock, timeout, access } = options
  const hello = Promise.withResolvers<Hello>()
  let greeted = false
  const link = await openLink({
    url: `${socketUrl}?v=2&token=${encodeURIComponent(token)}`,
    clock,
    timeout,
    silence: SILENCE_MS,
    signal,
    onText(text) {
      const frame = readFrame(text)
      if (!frame) return
      if (greeted) return options.frame(frame)
      greeted = true
      hello.resolve(frame.data as unknown as Hello) // the first frame is `connect`; checked below
    },
  }).catch(async error => {
    throw error instanceof LinkRefused ? await access.refusal(token) : asChatError(error, 'UNREACHABLE')
  })
  const overdue = clock.after(timeout, () => void link.close())
  const lost = link.ended.then(loss => Promise.reject(lossError(loss)))
  try {
    const said = await Promise.race([hello.promise, lost])
    if (typeof said.user_id === 'string') return { link, hello: said }
    void link.close()
    throw new ChatError('MALFORMED', 'The server speaks no level 2 of the rooms protocol')
  } finally {
    overdue()
  }
}

function lossError({ code, reason }: Loss): ChatError {
  if (code === CLOSE.revoked) return new ChatError('UNAUTHENTICATED', `The sign-in ended${reason && `: ${reason}`}`)
  const text = `The connection was lost (code ${code}${reason && `: ${reason}`})`
  return new ChatError(code === CLOSE.rubbish ? 'MALFORMED' : 'UNREACHABLE', text)
}
