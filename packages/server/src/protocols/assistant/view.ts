import { CLOSE, MAX_FRAME_BYTES, PATHS, TEXTS } from '@parley/protocol/assistant/limits'
import { ERRORS } from '@parley/protocol/errors'
import { isUuid } from '../../core/ids.ts'
import type { Refusal } from '../../core/refusals.ts'
import type { Ask, View } from '../view.ts'
import { decoder, INVALID, type TalkSettings } from './decode.ts'
import { connected, error, text } from './shapes.ts'
import { Talks } from './talks.ts'
import { words } from './words.ts'

/** What was counted since the start. */
export interface Tally {
  /** Connections, frames of clients, and questions among them. */
  readonly sessions: number
  readonly frames: number
  readonly questions: number
  /** Frames that were not understood. */
  readonly failures: number
}

export interface Assistant {
  readonly view: View
  readonly tally: Tally
}

/** One person alone with the assistant. Who they are is said in a frame, if at all. */
export function createAssistant(settings: TalkSettings): Assistant {
  const talks = new Talks()
  const decode = decoder(talks, settings)
  const tally = { sessions: 0, frames: 0, questions: 0, failures: 0 }
  const opening: Ask = {
    state: 'ask',
    type: 'conversation.find',
    perform: async asking => {
      await talks.begin(asking, asking.connection.isBack)
      return null
    },
    refused: () => null,
  }
  const view: View = {
    name: 'assistant',
    family: 'assistant',
    paths: PATHS,
    maxFrame: MAX_FRAME_BYTES,
    // Nothing is shown that was not asked for.
    catchUp: 'cursor',
    shows: () => false,
    decode(given) {
      const decoded = decode(given)
      tally.frames++
      if (decoded.state === 'reject') tally.failures++
      if (decoded.state === 'ask' && decoded.type === 'assistant.ask') tally.questions++
      return decoded
    },
    binary: INVALID,
    opening: () => opening,
    greet({ session, at }) {
      tally.sessions++
      return text(connected(session, at))
    },
    encode: () => null,
    hides: () => undefined,
    receipts: () => [],
    sent: () => '',
    marked: () => null,
    refused: () => null,
    heartbeat: () => null,
    tooFast: seconds => text(error(words({ code: 'rate_limited', retryAfter: seconds }))),
    credential: () => undefined,
    isProvedInside: true,
    session: ({ query }) => {
      const id = query.get('session_id')
      return id !== null && isUuid(id) ? id.toLowerCase() : null
    },
    unauthenticated,
    revoked: CLOSE.unproved,
    ends: { restarting: CLOSE.shutdown, idle: CLOSE.idle, unproved: CLOSE.unproved },
  }
  return { view, tally }
}

const unauthenticated = (refusal: Refusal) => ({
  status: ERRORS[refusal.code].status,
  headers: {
    'Content-Type': 'application/json',
    ...('retryAfter' in refusal && { 'Retry-After': String(refusal.retryAfter) }),
  },
  body: JSON.stringify({ error: refusal.code === 'rate_limited' ? words(refusal) : TEXTS.authFailed }),
})
