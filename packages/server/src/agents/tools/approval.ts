import type { Approval } from '../../core/approval.ts'
import type { Question } from '../../core/ports/agents.ts'
import { hasOthers } from '../../core/room.ts'
import { type JsonObject, type Tool, ToolFailed } from './tool.ts'

/** Why a use of a tool needs its asker's word: it changes something, or others would read what is the asker's alone. */
export type WhyAsked = Approval['why']

/** A use of a tool that waits for its asker. */
export interface WantedUse {
  readonly question: Question
  readonly tool: Tool
  /** They fit the tool's schema. What is approved is exactly these. */
  readonly args: JsonObject
  readonly why: WhyAsked
}

/**
 * Where uses of tools wait for their askers, and where agents learn of it. No model is asked and nothing waits in memory: what is
 * asked for is stored, and the answer to it is a message of the asker, which another run hears.
 */
export interface Approvals {
  /**
   * Keeps the use, durably, until it is approved or denied. `expiresAt`: milliseconds since 1970. Throws ToolFailed where it
   * can't be kept and the asker may know why.
   */
  ask(use: WantedUse): Promise<{ readonly code: string; readonly expiresAt: number }>
  /** What the question decides; null for one that is no decision. To be called first: it counts at once. */
  decisionIn(question: Question): Promise<Decided | null>
}

/** What a question decides. `text` is what the asker reads. */
export type Decided =
  /** These very arguments are to be used now: this is told once. */
  | { readonly state: 'approved'; readonly approval: Approval }
  | { readonly state: 'denied'; readonly approval: Approval; readonly text: string }
  /** It decides nothing. */
  | { readonly state: 'refused'; readonly text: string }

/** Where nothing can be approved. */
export const noApprovals: Approvals = {
  ask: async () => {
    throw new ToolFailed("This needs an approval, which can't be given on this server")
  },
  decisionIn: async () => null,
}

/** Whether a use of the tool needs approval there. Nothing but its declaration and the place decides that. */
export function approvalNeeded(
  { effect, isPersonal }: Pick<Tool, 'effect' | 'isPersonal'>,
  { room }: Pick<Question, 'room'>,
): WhyAsked | null {
  if (effect === 'write') return 'write'
  return isPersonal && hasOthers(room) ? 'show' : null
}

/** Whether the room is kept from reading what the tool is given and what it gives. */
export const isHiddenThere = ({ isPersonal }: Pick<Tool, 'isPersonal'>, { room }: Pick<Question, 'room'>): boolean =>
  isPersonal && hasOthers(room)
