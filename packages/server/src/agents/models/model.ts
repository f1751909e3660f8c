import type { Json, JsonObject } from '../tools/tool.ts'

/** One thing said or done, for a model. */
export type Turn =
  | { readonly role: 'user' | 'assistant'; readonly text: string }
  | CalledTurn
  /** What the calls of the turn before it came to, one result a call, in their order. */
  | { readonly role: 'results'; readonly results: readonly ModelResult[] }

/** What a model said and called. Lives as long as the answer it belongs to; never stored. */
export interface CalledTurn {
  readonly role: 'called'
  readonly text: string
  /** Never empty. */
  readonly calls: readonly ModelCall[]
  /** The model, and what only that one can read: what its provider wants back with the results, such as signed thoughts. */
  readonly by: string
  readonly raw: unknown
}

/** A tool as a model sees it. */
export interface OfferedTool {
  readonly name: string
  readonly description: string
  /** JSON Schema of an object. */
  readonly parameters: JsonObject
}

/** A tool that a model wants used. Nothing of it is checked: the name may be unknown and the arguments anything. */
export interface ModelCall {
  /** What the provider calls it. */
  readonly id: string
  readonly name: string
  /** A text where the model gave no JSON. */
  readonly args: Json
}

export interface ModelResult {
  readonly id: string
  readonly name: string
  readonly state: 'completed' | 'failed'
  readonly value: Json
}

/** What a model is asked for. */
export interface ModelRequest {
  /** What it is to be and to heed, set apart from what people say. */
  readonly instructions: string
  /** Oldest first; the last one is to be answered. */
  readonly turns: readonly Turn[]
  /** What it may use; the same in every request of an answer. */
  readonly tools: readonly OfferedTool[]
  /** 0 to 2; null leaves it to the model. */
  readonly temperature: number | null
  /** Longest answer that is wanted, in tokens; the model's own limit counts where that is lower. Null leaves it to the model. */
  readonly maxTokens: number | null
}

/** Tokens of one answer. Null where the provider does not say. */
export interface ModelUsage {
  /** All that was read, from caches too. */
  readonly input: number | null
  readonly output: number | null
  /** Parts of `input` with a price of their own. */
  readonly cacheRead: number
  readonly cacheWrite: number
}

/** Why an answer is over: it ended by itself, at its longest, or was held back by the provider. */
export type FinishReason = 'stop' | 'length' | 'filtered'

export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  /** The last one: the answer is over, or waits for what tools say. Calls of an answer that was cut off or held back are none. */
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: ModelUsage }
  | { readonly type: 'finish'; readonly reason: 'tools'; readonly usage: ModelUsage; readonly turn: CalledTurn }

/** A language model of a provider. */
export interface Model {
  /** `provider/model`. */
  readonly name: string
  /** Tokens that question and answer have together. */
  window(): Promise<number>
  /** Longest answer, in tokens. */
  readonly maxTokens: number
  /** Whether nobody is paid for it: it runs with the operator. */
  readonly isFree: boolean
  /** Whether it may be one of those that refuse whoever offers them tools. */
  readonly mayLackTools: boolean
  /** What an answer cost, in US dollars, and the table of prices; null where nobody knows. */
  cost(usage: ModelUsage): Promise<{ readonly cost: number; readonly prices: string } | null>
  /**
   * One answer, as it comes. Ends after `finish`, else it throws: ModelFault, or the signal's reason once that aborts, which
   * ends the request to the provider. Nothing is tried twice.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>
}
