import type { Message } from '../message.ts'
import type { Room } from '../room.ts'
import type { Run, RunFault, RunStepContent, RunUsage } from '../run.ts'
import type { Summary } from '../summary.ts'
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
  /** What the asker said to the answer while it was made, since the last time this was asked for, oldest first. */
  takeAsides(): readonly string[]
  /** Whether there are earlier messages than those of the context. */
  readonly hasEarlier: boolean
  /** What was said before, where it was summarised. Null in rooms with others. */
  readonly summary: Summary | null
  /** What was spent today (UTC) where the question is asked, answers under way included, this one too. */
  readonly spending: () => Promise<Spending>
}

/** Charges of one day in millionths of a US dollar. Null where a question does not count. */
export interface Spending {
  /** By the asker; null for guests. */
  readonly person: number | null
  /** In the room; null where nobody but the asker asks. */
  readonly room: number | null
  /** By all guests together; null for anybody else. */
  readonly guests: number | null
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
  /** What its agents made or found so far, all of it; the latest one counts, as for `usage`. */
  | { readonly type: 'results'; readonly results: Readonly<Record<string, unknown>> }
  /** The answer was given without the messages before that ordinal: they had no place. */
  | { readonly type: 'left_out'; readonly before: number }

/**
 * Produces answers. A run belongs to the core, which stores every step before anybody sees it, and ends it: `answer` only
 * yields events (never `end`) and returns. An error it throws ends the run as failed: with the message of an AgentFailed, which
 * people are shown, or else without a reason. After `signal` aborts nothing it yields is kept; it should stop its work soon.
 */
export interface AgentRunner {
  /** Whether it hears what is said to it while it answers, up to its end. */
  readonly isSteerable?: boolean
  answer(question: Question, signal: AbortSignal): AsyncGenerator<AgentEvent, void, void>
  /**
   * Whether a question is always answered by the same steps, and may be again. Where the server went down in the middle such a run
   * goes on at the next start: `answer` gives everything from the beginning again, and what it gives must begin with what is stored.
   * Not there: never.
   */
  isRepeatable?(question: Pick<Question, 'run' | 'message'>): boolean
  /** Messages in few words, with what was summarised before. Null where nobody can say them now. Rejects with the signal's reason. */
  summarise?(old: OldMessages, signal: AbortSignal): Promise<Summarised | null>
}

/** Messages of a room without others that answers have no place for any more. */
export interface OldMessages extends Pick<Question, 'run' | 'asker' | 'spending'> {
  /** What came before them, in few words. */
  readonly older: string | null
  /** Oldest first. Never empty. */
  readonly said: Question['context']
}

export interface Summarised {
  readonly text: string
  /** See `RunUsage`. */
  readonly charge: number
}

/** Why an agent could not answer, in words that may be shown. Holds no secret. */
export class AgentFailed extends Error {
  /** More of it, for programs. */
  readonly fault: RunFault | undefined

  constructor(message: string, cause?: unknown, fault?: RunFault) {
    super(message, { cause })
    this.name = 'AgentFailed'
    this.fault = fault
  }
}
