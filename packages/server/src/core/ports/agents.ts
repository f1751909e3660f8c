import type { Message } from '../message.ts'
import type { Room } from '../room.ts'
import type { Run, RunStepContent, RunUsage } from '../run.ts'
import type { User } from '../user.ts'

/** What an agent is asked. */
export interface Question {
  readonly run: Run
  readonly room: Room
  readonly asker: User
  readonly message: Message
  /** Earlier messages of the conversation, oldest first, with who said them. */
  readonly context: readonly { readonly message: Message; readonly sender: User }[]
}

/** How an answer ended that was not cut off: what it took. */
export interface Answered {
  readonly usage: RunUsage | null
}

/**
 * Produces answers. A run belongs to the core, which stores every step before anybody sees it, and ends it: `answer` only
 * yields steps (never `end`) and returns. An error it throws ends the run as failed: with the message of an AgentFailed, which
 * people are shown, or else without a reason. After `signal` aborts nothing it yields is kept; it should stop its work soon.
 */
export interface AgentRunner {
  answer(question: Question, signal: AbortSignal): AsyncGenerator<RunStepContent, Answered, void>
}

/** Why an agent could not answer, in words that may be shown. Holds no secret. */
export class AgentFailed extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'AgentFailed'
  }
}
