import type { Approval, Decision } from '../approval.ts'
import type { Artefact, ArtefactHead, ArtefactLink } from '../artefact.ts'
import type { ArtefactId, MessageId, RoomId, RunId, UserId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import type { Message } from '../message.ts'
import type { Run, RunEnd, RunOrigin, RunOutcome, RunStep, RunStepContent, RunUsage } from '../run.ts'
import type { Summary } from '../summary.ts'

/** Who wants a run that answers again, and what their client calls the request, so that a repeat of it finds the first run. */
export interface RunOrder {
  readonly by: UserId
  readonly clientId: string | null
}

/** What an artefact holds in one version. */
export interface ArtefactContent {
  readonly title: string
  readonly data: JsonObject
  /** To artefacts that there are, none twice in a field. */
  readonly links: readonly ArtefactLink[]
}

/** An artefact before its first version. */
export type NewArtefact = Omit<ArtefactHead, 'title' | 'version' | 'createdAt' | 'changedAt'>

/** What the store writes of agents: their runs, what these cost and wait for, and what they make. See `Writes`. */
export interface AgentWrites {
  /**
   * Starts a run that answers the question of an ended one again: by the same agent, for the same asker, with the same options.
   * A repeat of an order is answered with the run that it started. Refuses id_conflict (the order was another one),
   * run_unknown (also in a deleted room), run_open, message_unknown (the question was deleted or erased).
   */
  'run.start': {
    in: { id: RunId; origin: RunOrigin; order: RunOrder; at: number }
    out:
      | { readonly state: 'started'; readonly run: Run; readonly seq: number; readonly at: number }
      | { readonly state: 'repeated'; readonly run: Run }
  }
  /**
   * Adds steps to the end of a run's log. Refuses run_unknown, run_ended.
   */
  'run.append': {
    in: { run: RunId; steps: readonly RunStepContent[]; at: number }
    out: { steps: readonly RunStep[] }
  }
  /**
   * Adds the `end` step and ends the run. The text of all its steps, if there is any, becomes a message of the agent in the run's
   * room and conversation, logged as `message.sent`; where there is none the room's log says `run.ended`. An agent needs no
   * membership. In a deleted room nothing is logged and there is no message: seq is 0. The charge of `usage` is added to what was
   * spent on the day of `at`. Refuses run_unknown, run_ended.
   */
  'run.end': {
    in: {
      run: RunId
      state: RunEnd
      usage: RunUsage | null
      fault: string | null
      /** Goes into the last step. */
      outcome?: RunOutcome
      /** The agent of a team that spoke last. */
      by?: string | null
      answer: MessageId
      at: number
    }
    out: { run: Run; step: RunStep; message: Message | null; seq: number; at: number }
  }
  /**
   * Keeps a summary of a room's messages instead of the one before, and adds the charge to what the asker spent on the day of
   * `at`. It is not kept where, after position `asOf` of the room's log, a message was edited or deleted, or one that it is about is
   * erased. Refuses room_unknown (also deleted).
   */
  'summary.put': {
    in: { room: RoomId; summary: Summary; asOf: number; asker: UserId; charge: number; at: number }
    out: { isKept: boolean }
  }
  /** Forgets what was spent before a day (UTC, counted from 1970). */
  'spending.forget': { in: { before: number }; out: object }
  /**
   * Keeps a use of a tool that waits for the asker of its run. Refuses run_unknown (also of a deleted room), run_ended,
   * user_unknown (the asker is deleted), id_conflict (the code is taken).
   */
  'approval.ask': {
    in: { run: RunId; at: number } & Pick<Approval, 'code' | 'tool' | 'arguments' | 'why' | 'expiresAt'>
    out: { approval: Approval }
  }
  /** Decides it, once. Refuses approval_unknown (also another's, and of a deleted room), approval_decided, approval_expired. */
  'approval.decide': {
    in: { code: string; user: UserId; decision: Decision; at: number }
    out: { approval: Approval }
  }
  /** Erases at most `limit` of those that expired or were decided up to `before`. */
  'approval.sweep': { in: { before: number; limit: number }; out: { removed: number } }
  /**
   * Makes an artefact of version 1, by `by`. Refuses user_unknown (its owner, also deleted), storage_insufficient (the owner has
   * ARTEFACTS_MAX), artefact_unknown (one that it links to, also deleted), id_conflict.
   */
  'artefact.make': {
    in: { artefact: NewArtefact; by: UserId; at: number } & ArtefactContent
    out: { artefact: Artefact }
  }
  /**
   * Gives an artefact its next version; the one before is kept. Refuses artefact_unknown (also deleted; then also of one that it
   * links to), version_conflict (its version is not `expected`), storage_insufficient (it has ARTEFACT_VERSIONS_MAX).
   */
  'artefact.change': {
    in: { id: ArtefactId; expected: number; by: UserId; at: number } & ArtefactContent
    out: { artefact: Artefact }
  }
  /** From now on it is not found, and no other links to it. It is erased by `artefact.erase`. Refuses artefact_unknown. */
  'artefact.delete': { in: { id: ArtefactId; at: number }; out: object }
  /** Erases at most `limit` rows of deleted artefacts. Fewer than `limit`: nothing is left. */
  'artefact.erase': { in: { limit: number }; out: { removed: number } }
}
