import type { Question } from '../../core/ports/agents.ts'
import { hasOthers } from '../../core/room.ts'
import { type JsonObject, type Tool, ToolFailed } from './tool.ts'

/** Why a use of a tool needs its asker's word: it changes something, or others would read what is the asker's alone. */
export type WhyAsked = 'write' | 'show'

/** A use of a tool that waits for its asker. */
export interface WantedUse {
  readonly question: Question
  readonly tool: Tool
  /** They fit the tool's schema. What is approved is exactly these. */
  readonly args: JsonObject
  readonly why: WhyAsked
}

/** Where uses of tools wait for their askers. */
export interface Approvals {
  /**
   * Keeps the use, durably, until it is approved or denied. `expiresAt`: milliseconds since 1970. Throws ToolFailed where it
   * can't be kept and the asker may know why.
   */
  ask(use: WantedUse): Promise<{ readonly code: string; readonly expiresAt: number }>
}

/** Where nothing can be approved. */
export const noApprovals: Approvals = {
  ask: async () => {
    throw new ToolFailed("This needs an approval, which can't be given on this server")
  },
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
