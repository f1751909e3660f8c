import { STALE_AFTER_MS } from '@parley/protocol/token-bowl/limits'
import type { Clock } from '../clock.ts'
import { NetworkError } from '../errors.ts'
import { type Link, LinkRefused, type Loss, openLink } from '../link.ts'
import { connectError } from './answers.ts'
import type { CatchUp } from './catch-up.ts'
import type { TokenBowlClient } from './client.ts'
import { type Incoming, readFrame } from './frames.ts'

export interface DialOptions {
  /** With the key in it: never for an error or a log. */
  readonly url: string
  readonly clock: Clock
  readonly timeout: number
  /** Gives the attempt up. */
  readonly signal: AbortSignal
  readonly client: TokenBowlClient
  /** When every message is to be delivered once, across connections. */
  readonly catchUp: CatchUp | undefined
}

/** A connection about to be used. */
export interface Dialled {
  readonly link: Link
  /** Passes on what was missed, then what arrived meanwhile, then every frame as it arrives. Pings are seen to already. */
  start(take: (frame: Incoming) => void): void
}

/**
 * Connects, and fetches what was missed. Frames that arrive before `start` are kept in memory. Rejects with
 * AuthenticationError when the key is not taken, else with NetworkError.
 */
export async function dial({ client, catchUp, ...options }: DialOptions): Promise<Dialled> {
  try {
    await catchUp?.begin()
    return await connected(options, catchUp)
  } catch (error) {
    throw error instanceof LinkRefused ? await refusal(client) : connectError(error)
  }
}

async function connected(
  options: Omit<DialOptions, 'client' | 'catchUp'>,
  catchUp: CatchUp | undefined,
): Promise<Dialled> {
  const held: Incoming[] = []
  let receive = (frame: Incoming): void => void held.push(frame)

  const link = await openLink({
    ...options,
    silence: STALE_AFTER_MS,
    onText(text, link) {
      const frame = readFrame(text)
      if (frame?.is === 'ping') answer(link)
      else if (frame) receive(frame)
    },
  })
  const missed = catchUp ? await fetchOver(link, catchUp) : []
  return {
    link,
    start(take) {
      receive = frame => {
        if (frame.is !== 'message' || !catchUp || catchUp.admitPushed(frame.message)) take(frame)
      }
      for (const frame of missed) if (frame.is !== 'message' || catchUp?.admitFetched(frame.message)) take(frame)
      for (const frame of held) receive(frame)
    },
  }
}

function answer(link: Link): void {
  try {
    link.send('{"type":"pong"}', 'Failed to answer a ping')
  } catch {
    // The connection is closing, and its end is reported by itself.
  }
}

/** Fetches what was missed for as long as the connection lives, and ends the connection when that fails. */
async function fetchOver(link: Link, catchUp: CatchUp): Promise<Incoming[]> {
  const lost = link.ended.then(loss => Promise.reject(lossError(loss)))
  try {
    return await Promise.race([catchUp.fetch(), lost])
  } catch (error) {
    void link.close()
    throw error
  }
}

/** A refused upgrade hides its status from us, so the same key asks for something whose status we see. */
async function refusal(client: TokenBowlClient): Promise<Error> {
  try {
    await client.getMyProfile()
    return new NetworkError('Connection failed with status 200: the server answers, but refuses the WebSocket')
  } catch (error) {
    return connectError(error)
  }
}

/** A connection that ended without our asking, as an error. */
export const lossError = ({ code, reason }: Loss): NetworkError =>
  new NetworkError(`The connection was lost (code ${code}${reason && `: ${reason}`})`)
