import { TEXTS } from '@parley/protocol/rooms/limits'

/** Reasons of HTTP itself, and of what it knows beside the core, for an answer that is no success, with status and words. */
const FAULTS = {
  request_invalid: [400, 'Bad Request'],
  room_type_invalid: [400, TEXTS.roomTypeInvalid],
  model_invalid: [400, 'There is no such model here; GET /models lists those there are'],
  session_unnamed: [400, 'session_id has to say which session is meant'],
  connection_foreign: [403, TEXTS.forbidden],
  origin_foreign: [403, 'A page of another origin needs a valid API key or session token of its own'],
  path_unknown: [404, 'Not Found'],
  model_unknown: [404, 'There is no such model here'],
  team_unknown: [404, 'There is no such team here'],
  connection_unknown: [404, TEXTS.connectionUnknown],
  method_unknown: [405, 'Method Not Allowed'],
  body_too_large: [413, 'Request body is too large'],
  encoding_unknown: [415, 'Request body must be plain UTF-8'],
  range_unsatisfiable: [416, 'The file has no such part'],
  upgrade_required: [
    426,
    'This address is for WebSockets, and the request did not ask for one. A proxy has to pass the Upgrade header on',
  ],
  host_unknown: [421, 'This server does not answer to that host name'],
  too_many_requests: [429, 'Rate limit exceeded'],
  internal: [500, 'Internal Server Error'],
  answer_failed: [502, 'The answer failed'],
  nobody_answers: [503, 'Nobody answers now'],
} as const

export type FaultCode = keyof typeof FAULTS

export const isFaultCode = (code: string): code is FaultCode => Object.hasOwn(FAULTS, code)

export const faultStatus = (code: FaultCode): number => FAULTS[code][0]

/** Thrown where a request fails before or beside the core. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: FaultCode, { text, headers = {} }: { text?: string; headers?: Record<string, string> } = {}) {
    super(text ?? FAULTS[code][1])
    this.name = 'Fault'
    this.code = code
    this.status = faultStatus(code)
    this.headers = headers
  }
}

/** One thing that is wrong with a request. */
export interface Issue {
  /** The part of the request and the way into it. */
  readonly loc: readonly [Part, ...(string | number)[]]
  readonly msg: string
  readonly type: string
}

export type Part = 'body' | 'query' | 'path'

/** Thrown for a request that its schemas refuse; holds at least one issue and nothing of what was sent. */
export class Invalid extends Error {
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super('invalid')
    this.name = 'Invalid'
    this.issues = issues
  }
}
