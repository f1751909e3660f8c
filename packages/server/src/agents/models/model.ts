/** One thing said, for a model. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** What a model is asked for. */
export interface ModelRequest {
  /** What it is to be and to heed, set apart from what people say. */
  readonly instructions: string
  /** Oldest first; the last one is to be answered. */
  readonly turns: readonly Turn[]
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

/** Why an answer ended: by itself, at its longest, or held back by the provider. */
export type FinishReason = 'stop' | 'length' | 'filtered'

export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  /** The last one. */
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: ModelUsage }

/** A language model of a provider. */
export interface Model {
  /** `provider/model`. */
  readonly name: string
  /** Tokens that question and answer have together. */
  window(): Promise<number>
  /** Longest answer, in tokens. */
  readonly maxTokens: number
  /** What an answer cost, in US dollars, and the table of prices; null where nobody knows. */
  cost(usage: ModelUsage): Promise<{ readonly cost: number; readonly prices: string } | null>
  /**
   * One answer, as it comes. Ends after `finish`, else it throws: ModelFault, or the signal's reason once that aborts, which
   * ends the request to the provider. Nothing is tried twice.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>
}
