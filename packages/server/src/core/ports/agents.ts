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
  /** What an earlier run answered already, to be gone on from exactly where it stops; null for an answer from the beginning. */
  readonly begun: string | null
  /** What the asker showed for requests to elsewhere; null where they showed nothing. */
  readonly outside: Outside | null
}

/**
 * Credentials of elsewhere that a connection showed. Held in memory as long as the connection and the runs it started, never
 * stored, logged or shown to a model; sent only to services that the operator marked for it.
 */
export type Outside =
  | { readonly by: 'headers'; readonly headers: Readonly<Record<string, string>> }
  /** A client of somebody's token server, from which a token comes when it is needed. */
  | { readonly by: 'oauth2'; readonly client: TokenClient }

export interface TokenClient {
  readonly id: string
  readonly secret: string
  readonly url: string
  readonly scope: string | null
}

/** What an agent gives while it answers. */
export type AgentEvent =
  | RunStepContent
  /** What the answer took so far, all of it; the latest one counts, however the run ends. */
  | { readonly type: 'usage'; readonly usage: RunUsage }

/**
 * Produces answers. A run belongs to the core, which stores every step before anybody sees it, and ends it: `answer` only
 * yields events (never `end`) and returns. An error it throws ends the run as failed: with the message of an AgentFailed, which
 * people are shown, or else without a reason. After `signal` aborts nothing it yields is kept; it should stop its work soon.
 */
export interface AgentRunner {
  answer(question: Question, signal: AbortSignal): AsyncGenerator<AgentEvent, void, void>
  /**
   * Whether the run's question is always answered by the same steps. Where the server went down in the middle such a run goes on
   * at the next start: `answer` gives everything from the beginning again, and what it gives must begin with what is stored. Not
   * there: never.
   */
  isRepeatable?(run: Run): boolean
}

/** Why an agent could not answer, in words that may be shown. Holds no secret. */
export class AgentFailed extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'AgentFailed'
  }
}
