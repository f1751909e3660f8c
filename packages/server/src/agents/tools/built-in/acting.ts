import type { Core } from '../../../core/core.ts'
import type { Question } from '../../../core/ports/agents.ts'
import { type Refusal, Refused } from '../../../core/refusals.ts'
import { isDeleted, type SignedIn } from '../../../core/user.ts'
import { ToolFailed } from '../tool.ts'

/** Agents are there before the core, which is called for when one of them does something. */
export type LateCore = () => Pick<Core, 'context' | 'execute'>

/** Whoever asked, as they are now: their role may have changed since, and nobody acts for somebody who is gone. Throws ToolFailed. */
export async function askerOf(core: LateCore, { asker, run }: Question): Promise<SignedIn> {
  const user = await core().context.directory.user(asker.id)
  if (!user || isDeleted(user)) throw new ToolFailed('Whoever asked has no account here any more')
  return { kind: 'user', user, credential: { by: 'agent', run: run.id } }
}

/** What `work` gives; a refusal of the core as ToolFailed, in words. */
export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Refused ? new ToolFailed(wordsOf(error.refusal)) : error
  }
}

/** For people and models. */
function wordsOf(refusal: Refusal): string {
  switch (refusal.code) {
    case 'room_unknown':
    case 'not_member':
    case 'room_access_denied':
      return 'There is no such room among those of the asker'
    case 'user_unknown':
      return `Nobody here is called ${refusal.name}`
    case 'recipient_viewer':
      return `${refusal.name} takes no direct messages`
    case 'file_unknown':
      return 'There is no such file here that may be shown'
    case 'role_forbids':
      return `The asker's role (${refusal.role}) does not allow that`
    case 'body_too_long':
      return 'The text is too long for a message'
    case 'rate_limited':
    case 'busy':
      return `That is too much at once; try again in ${refusal.retryAfter} s`
    default:
      return 'That was refused'
  }
}
