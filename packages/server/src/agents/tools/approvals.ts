import { type Approval, type Decision, decisionOf } from '../../core/approval.ts'
import type { Core } from '../../core/core.ts'
import { AgentFailed } from '../../core/ports/agents.ts'
import { Refused } from '../../core/refusals.ts'
import type { Approvals, Decided } from './approval.ts'
import { ToolFailed } from './tool.ts'

const OPERATOR = { kind: 'operator' } as const

/** Agents are there before the core; `core` is called when the first of them answers. */
export function createApprovals(core: () => Pick<Core, 'execute'>): Approvals {
  return {
    async ask({ question, tool, args, why }) {
      const wanted = { run: question.run.id, tool: tool.name, arguments: JSON.stringify(args), why }
      try {
        const { approval } = await core().execute(OPERATOR, { type: 'approval.ask', ...wanted })
        return { code: approval.code, expiresAt: approval.expiresAt }
      } catch (error) {
        throw error instanceof Refused ? new ToolFailed('This needs an approval, which could not be stored') : error
      }
    },
    async decisionIn({ run, message }) {
      const said = decisionOf(message.body)
      if (!said) return null
      try {
        const { approval } = await core().execute(OPERATOR, { type: 'approval.decide', run: run.id, ...said })
        return decided(approval, said.decision)
      } catch (error) {
        if (error instanceof Refused) return { state: 'refused', text: why(error, said.code) }
        throw error
      }
    },
  }
}

const decided = (approval: Approval, decision: Decision): Decided =>
  decision === 'approved'
    ? { state: 'approved', approval }
    : { state: 'denied', approval, text: `Denied. I did not use ${approval.tool}.` }

/** Nothing here names the room where it was asked for: others may read this. */
function why({ refusal }: Refused, code: string): string {
  switch (refusal.code) {
    case 'approval_unknown':
      return `I did not ask you for ${code}, or it is long over. Nothing was done.`
    case 'approval_elsewhere':
      return `I did not ask for ${code} here. Decide it where I asked, or in a conversation with me alone. Nothing was done.`
    case 'not_member':
      return `You are no longer in the room where I asked for ${code}. Nothing was done.`
    case 'approval_expired':
      return `It is too late for ${code}. Ask me again if you still want it. Nothing was done.`
    case 'approval_decided':
      return `${code} was ${refusal.decision} already, and that counts once.`
    default:
      throw new AgentFailed('The decision could not be stored; please send it again')
  }
}
