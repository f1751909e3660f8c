import type { Json, JsonObject } from '../../core/json.ts'
import type { Question } from '../../core/ports/agents.ts'

export type { Json, JsonObject }

/**
 * Something an agent may do besides talking. What it may do is decided here, never by what a model was told: a model's call
 * is a wish, judged by the tool's declaration and the place in which it is made.
 */
export interface Tool {
  /** 1 to 64 of letters, digits, `_` and `-`; unique among the tools of one question. */
  readonly name: string
  /** For the model and for people. */
  readonly description: string
  /** JSON Schema (2020-12) of an object. Arguments that do not fit never reach `run`. */
  readonly parameters: JsonObject
  /**
   * - `read` changes nothing.
   * - `own` changes nothing but what is the asker's own in Parley, which they see, change and take back there: it runs unasked.
   * - `write` changes something else, here or elsewhere: it runs only after the asker approved these very arguments.
   */
  readonly effect: 'read' | 'own' | 'write'
  /** Whether it works with what is the asker's alone, such as their credentials of elsewhere. */
  readonly isPersonal: boolean
  /** Milliseconds. */
  readonly timeLimit: number
  /**
   * The result, whole: what a model gets of it is cut elsewhere. Throws ToolFailed for what the model and the asker may read;
   * any other error is a fault of ours and shown to nobody. After `signal` aborts its result is thrown away.
   */
  run(args: JsonObject, call: ToolCall): Promise<Json>
}

/** One use of a tool. */
export interface ToolCall {
  /** Who asked, and where. Tools act with the rights of the asker, never with more. */
  readonly question: Question
  readonly signal: AbortSignal
  /** Shown to people while it works; `progress` is 0 to 1 and never falls. */
  progress(message: string, progress: number): void
}

/** Why a tool gave no result, in words that may be shown. Holds no secret. */
export class ToolFailed extends Error {
  /** More of it, for documented clients: the status of an HTTP answer. */
  readonly status: number | null

  constructor(message: string, status: number | null = null) {
    super(message)
    this.name = 'ToolFailed'
    this.status = status
  }
}

/** Where tools come from: built in, a document, a server. */
export interface ToolSource {
  /** Most tools that it has for one question, where that is known. */
  readonly most?: number
  /** The tools that a question may use. */
  toolsFor(question: Question): Promise<readonly Tool[]>
}
