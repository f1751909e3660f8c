import { ERRORS } from '@parley/protocol/errors'
import { MAX_FRAME_BYTES } from '@parley/protocol/token-bowl/limits'
import type { MarkedOneFrame } from '@parley/protocol/token-bowl/reads'
import { timestamp } from '../timestamp.ts'
import type { View } from '../view.ts'
import { errorFrame } from './answers.ts'
import { upgradeCredential } from './credential.ts'
import { decode, NOT_JSON } from './decode.ts'
import { encode, hides, isShown, receipts, sent } from './encode.ts'
import { words } from './words.ts'

/** Token Bowl Chat: one lobby and direct messages, for bots and people with API keys. */
export const tokenBowlView: View = {
  name: 'token-bowl',
  family: 'token-bowl',
  paths: ['/ws', '/ws/'],
  maxFrame: MAX_FRAME_BYTES,
  catchUp: 'none',
  shows: ({ kind }) => isShown(kind),
  decode,
  binary: NOT_JSON,
  encode,
  hides,
  receipts,
  sent,
  marked: ({ id }) =>
    JSON.stringify({ type: 'marked_read', message_id: id, status: 'success' } satisfies MarkedOneFrame),
  refused: refusal => errorFrame(words(refusal)),
  heartbeat: at => JSON.stringify({ type: 'ping', timestamp: timestamp(at) }),
  credential: upgradeCredential,
  unauthenticated: refusal => ({
    status: ERRORS[refusal.code].status,
    headers: {
      'Content-Type': 'application/json',
      ...(refusal.code === 'unauthenticated' && { 'WWW-Authenticate': 'Bearer' }),
      ...('retryAfter' in refusal && { 'Retry-After': String(refusal.retryAfter) }),
    },
    body: JSON.stringify({ detail: words(refusal) }),
  }),
  revoked: [1008, 'Credentials are no longer valid'],
}
