import {
  CLOSE,
  CONTENT_MAX,
  MAX_FRAME_BYTES,
  RESERVED_IDS,
  SECRET_ID_MIN,
  SESSION_ID,
} from '@parley/protocol/agents/limits'
import { ERRORS } from '@parley/protocol/errors'
import type { Refusal } from '../../core/refusals.ts'
import type { Visitor } from '../../core/user.ts'
import { eitherCredential, upgradeCredential } from '../credential.ts'
import { timestamp } from '../timestamp.ts'
import type { Ask, Knock, Opened, Rejection, View } from '../view.ts'
import { decoder, NOT_JSON } from './decode.ts'
import { type AgentsSettings, Desk, enter, keyOf } from './desk.ts'
import { encodeSteps } from './encode.ts'
import { text } from './shapes.ts'
import { rateLimited, refused } from './words.ts'

/** Any further name under `/ws/`, also one that is none: the refusal says what is wrong with it. */
const PATTERN = /^\/ws\/[^/]+$/

const sessionIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** A team of agents at work on something, watched live. A session belongs to whoever knows its id, or to an account. */
export function createAgentsView(settings: AgentsSettings): View {
  const desk = new Desk(settings)
  return {
    name: 'agents',
    family: 'agents',
    paths: [],
    pattern: PATTERN,
    maxFrame: MAX_FRAME_BYTES,
    catchUp: 'cursor',
    shows: ({ kind }) => kind === 'conversation',
    decode: decoder(desk),
    binary: NOT_JSON,
    opening: (query, path): Ask => ({
      state: 'ask',
      type: 'session.enter',
      perform: enter(desk, sessionIn(path), desk.teamOf(query.get('team'))),
      refused,
    }),
    greet: opened => text(greeting(settings, desk, opened)),
    // Everything that is shown is a step of a run.
    encode: () => null,
    encodeSteps,
    hides: () => undefined,
    receipts: () => [],
    sent: () => '',
    marked: () => null,
    refused: () => null,
    heartbeat: () => null,
    tooFast: rateLimited,
    credential: knock => eitherCredential(upgradeCredential(knock)),
    session: ({ path }) => keyOf(sessionIn(path)),
    fault: (knock, visitor) => sessionFault(knock, visitor) ?? teamFault(desk, knock),
    unauthenticated,
    revoked: [1008, 'Authentication required'],
    ends: { restarting: CLOSE.shutdown, idle: CLOSE.idle },
  }
}

function greeting({ version }: AgentsSettings, desk: Desk, { path, query, at }: Opened) {
  const session = sessionIn(path)
  return {
    type: 'connection_established',
    session_id: session,
    client_id: `client_${session}`,
    available_agents: desk.teamOf(query.get('team')).agents.map(({ key }) => key),
    server_info: { version, supports_reconnection: true, max_message_size: CONTENT_MAX },
    timestamp: timestamp(at),
  } as const
}

/** A guest's session is whoever's knows its id: where strangers may come it must be one that nobody guesses. */
function sessionFault({ path }: Knock, visitor: Visitor | null): Rejection | undefined {
  const session = sessionIn(path)
  if (!SESSION_ID.test(session) || RESERVED_IDS.includes(session))
    return refusal(400, 'A session id has 1 to 50 of A-Z, a-z, 0-9, _ and -')
  if (visitor && !visitor.local && session.length < SECRET_ID_MIN)
    return refusal(403, `Without a token a session id needs at least ${SECRET_ID_MIN} characters here`)
  return undefined
}

function teamFault({ settings }: Desk, { query }: Knock): Rejection | undefined {
  const wanted = query.get('team')
  const names = settings.teams.map(({ name }) => name)
  if (wanted === null || names.includes(wanted)) return undefined
  return refusal(400, `There is no such team; there are ${names.join(', ')}`)
}

const refusal = (status: number, detail: string): Rejection => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ detail }),
})

function unauthenticated(why: Refusal): Rejection {
  const { status } = ERRORS[why.code]
  const retry = 'retryAfter' in why ? { 'Retry-After': String(why.retryAfter) } : {}
  const detail = why.code === 'rate_limited' ? 'Too many connections' : 'Authentication required'
  const { headers, ...rest } = refusal(status, detail)
  return { ...rest, headers: { ...headers, ...retry } }
}
