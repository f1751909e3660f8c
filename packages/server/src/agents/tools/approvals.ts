import { type Approval, type Decision, decisionOf } from '../../core/approval.ts'
import type { Core } from '../../core/core.ts'
import { AgentFailed, type Question } from '../../core/ports/agents.ts'
import { Refused } from '../../core/refusals.ts'
import { type JsonObject, type Tool, ToolFailed } from './tool.ts'

/** A use of a tool that its asker has to allow first. */
export interface Wanted {
  readonly question: Question
  readonly tool: Pick<Tool, 'name'>
  readonly args: JsonObject
  readonly why: Approval['why']
}

/** What a question decides. `text` is what the asker reads. */
export type Decided =
  /** These very arguments are to be used now: this is told once. */
  | { readonly state: 'approved'; readonly approval: Approval }
  | { readonly state: 'denied'; readonly approval: Approval; readonly text: string }
  /** It decides nothing. */
  | { readonly state: 'refused'; readonly text: string }

/**
 * Where agents leave what needs their asker's word, and learn of it. No model is asked and nothing waits in memory: what is
 * asked for is stored, and the answer to it is a message of the asker, which another run hears.
 */
export interface Approvals {
  /** Keeps the use, durably, until it is decided or over: from `expiresAt` on, in milliseconds since 1970. Rejects with ToolFailed. */
  ask(wanted: Wanted): Promise<{ readonly code: string; readonly expiresAt: number }>
  /** What the question decides; null for one that is no decision. To be called first: it counts at once. */
  decisionIn(question: Question): Promise<Decided | null>
}

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

/** Said of an approved use of a tool that there is no more. */
export const goneText = ({ tool }: Pick<Approval, 'tool'>): string =>
  `You approved ${tool}, but that tool is not here any more. Nothing was done.`
