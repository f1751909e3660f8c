import { AUTH_TYPES, TEXTS } from '@parley/protocol/assistant/limits'
import type {
  ApprovalInfo,
  ApprovalsShownFrame,
  DecidedFrame,
  DecideFrame,
  ToolCredentialsFrame,
  ToolCredentialsShownFrame,
} from '@parley/protocol/rooms/level2/approvals'
import type { ShownApproval } from '../../../core/commands/approvals.ts'
import type { SomeCredential } from '../../../core/commands/recognizing.ts'
import { presented } from '../../outside.ts'
import { timestamp } from '../../timestamp.ts'
import type { Ask, Asking } from '../../view.ts'
import { type About, errorText, question, refusedText } from '../answers.ts'
import { frame, nameOf, person } from '../shapes.ts'

/** What the client may decide now. */
export const approvals = (about: About): Ask =>
  question({ type: 'approval.list' }, about, ({ items }) => {
    const data: ApprovalsShownFrame['data'] = { approvals: items.map(infoOf) }
    return frame('approvals', data, { at: Date.now(), ...about })
  })

const infoOf = ({ approval, room, agent }: ShownApproval): ApprovalInfo => ({
  approval: approval.code,
  agent: person(agent),
  room: room.id,
  room_id: nameOf(room),
  conversation_id: approval.conversation,
  run_id: approval.run,
  tool: approval.tool,
  arguments: JSON.parse(approval.arguments), // of an object: so it was asked for
  why: approval.why,
  asked_at: timestamp(approval.askedAt),
  expires_at: timestamp(approval.expiresAt),
})

/** Sends the message that decides. */
export function decide({ data, message_id }: DecideFrame, about: About): Ask {
  const decision = data.decision === 'approve' ? 'approved' : 'denied'
  const said = {
    code: data.approval,
    decision,
    privately: data.privately ?? false,
    clientId: message_id ?? null,
  } as const
  return {
    state: 'ask',
    type: 'approval.answer',
    async perform({ core, actor, connection }) {
      const command = { type: 'approval.answer', ...said, outside: connection.outside } as const
      const { approval, sent } = await core.execute(actor, command)
      const shown: DecidedFrame['data'] = {
        approval: approval.code,
        decision: data.decision,
        id: sent.message.id,
        room: sent.room.id,
        seq: sent.message.seq,
        room_id: nameOf(sent.room),
        run_id: sent.answering,
      }
      return JSON.stringify(frame('decided', shown, { at: sent.message.at, ...about, room: nameOf(sent.room) }))
    },
    refused: refusal => refusedText(refusal, about),
  }
}

/** Keeps credentials of elsewhere for what the connection asks from now on, or forgets them. Those of before stay where new ones are no good. */
export function toolCredentials({ data }: ToolCredentialsFrame, about: About): Ask {
  return {
    state: 'ask',
    type: 'guest.vouch',
    async perform(asking) {
      const { connection } = asking
      if (!data.auth_type) connection.outside = null
      const shown = data.auth_type ? presented(data, AUTH_TYPES) : null
      if (shown?.state === 'malformed') return errorText(shown.text, 'INVALID_MESSAGE', about)
      if (shown) {
        if (await isOurs(shown.own, asking)) return errorText(OURS, 'INVALID_MESSAGE', about)
        const headers = shown.outside.by === 'headers' ? shown.outside.headers : null
        const given = await asking.core.execute(asking.actor, { type: 'guest.vouch', headers })
        if (given.state === 'rejected') return errorText(given.detail ?? TEXTS.authFailed, 'CREDENTIALS_WRONG', about)
        connection.outside = shown.outside
      }
      const now: ToolCredentialsShownFrame['data'] = { auth_type: shown?.type ?? null }
      return JSON.stringify(frame('tool_credentials', now, { at: Date.now(), ...about }))
    },
    refused: refusal => refusedText(refusal, about),
  }
}

const OURS = 'These are credentials of this server, which never leave it'

/** Whether one is of this server: it must not be sent elsewhere then. */
async function isOurs(own: readonly SomeCredential[], { core, connection }: Asking): Promise<boolean> {
  const visitor = { kind: 'anonymous', ...connection.visitor } as const
  for (const credential of own) {
    const found = await core.execute(visitor, { type: 'account.recognize', ...credential })
    if (found.state === 'foreign') continue
    // The look was a sign-in.
    if (credential.by === 'password') await core.execute(found.actor, { type: 'account.sign_out' })
    return true
  }
  return false
}
