import { z } from 'zod'
import { authFrame } from '../../assistant/auth.ts'
import { AUTH_TYPES } from '../../assistant/limits.ts'
import { frameDown, id, timestamp } from '../envelope.ts'
import { durable, inRoom, request } from './envelope.ts'
import { APPROVALS_MAX } from './limits.ts'
import { person } from './runs.ts'

/** What an approval is called: eight letters and digits. */
const code = z.string().min(1).max(32)
const decision = z.enum(['approve', 'deny'])

// --- frames of the client

export const approvalsFrame = request({})
export type ApprovalsFrame = z.output<typeof approvalsFrame>

/** Says `/approve` or `/deny` where it was asked, or `privately` to the agent alone: then nobody else reads what comes of it. */
export const decideFrame = request({ approval: code, decision, privately: z.boolean().nullish() })
export type DecideFrame = z.output<typeof decideFrame>

/** Credentials of elsewhere for the tools of this connection, as the `auth` frame of the assistant protocol has them; none without `auth_type`. */
export const toolCredentialsFrame = request(authFrame.shape)
export type ToolCredentialsFrame = z.output<typeof toolCredentialsFrame>

// --- frames of the server

export const approvalInfo = z.strictObject({
  approval: code,
  /** Who wants to use the tool. */
  agent: person,
  ...inRoom,
  room_id: z.string(),
  conversation_id: z.int().nullable(),
  run_id: id,
  tool: z.string(),
  /** What it is given, and nothing else. */
  arguments: z.record(z.string(), z.unknown()),
  /** `write`: it changes something. `show`: it works with what is yours alone, and others would read what comes of it. */
  why: z.enum(['write', 'show']),
  asked_at: timestamp,
  expires_at: timestamp,
})
export type ApprovalInfo = z.infer<typeof approvalInfo>

/** What somebody may decide now, the oldest first. */
export const approvalsShownFrame = frameDown(
  'approvals',
  z.strictObject({ approvals: z.array(approvalInfo).max(APPROVALS_MAX) }),
)
export type ApprovalsShownFrame = z.infer<typeof approvalsShownFrame>

/** The message that decides is stored. `run_id` is the answer to it, in which is what comes of it; null for a repeat. */
export const decidedFrame = frameDown(
  'decided',
  z.strictObject({ approval: code, decision, id, ...durable, room_id: z.string(), run_id: id.nullable() }),
)
export type DecidedFrame = z.infer<typeof decidedFrame>

export const toolCredentialsShownFrame = frameDown(
  'tool_credentials',
  z.strictObject({ auth_type: z.enum(AUTH_TYPES).nullable() }),
)
export type ToolCredentialsShownFrame = z.infer<typeof toolCredentialsShownFrame>
