import type { Completion, CompletionChunk, Usage } from '@parley/protocol/agents/completions'
import type { Run } from '../../core/run.ts'

/** What every part of one answer has. */
export interface Head {
  readonly id: string
  readonly model: string
  /** Seconds since 1970. */
  readonly created: number
}

/** Bytes of a token, roughly. */
const TOKEN_BYTES = 4

/** Providers count all tokens of an answer together; what of them is the text is estimated. */
export function usageOf({ end }: Run, text: string): Usage | undefined {
  const tokens = end?.usage?.tokens
  if (tokens == null) return undefined
  const completion = Math.min(tokens, Math.ceil(Buffer.byteLength(text) / TOKEN_BYTES))
  return { prompt_tokens: tokens - completion, completion_tokens: completion, total_tokens: tokens }
}

export function completionOf(head: Head, run: Run, text: string): Completion {
  const usage = usageOf(run, text)
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    ...(usage && { usage }),
  }
}

type Delta = CompletionChunk['choices'][number]['delta']

export const chunk = (head: Head, delta: Delta, finish: 'stop' | null = null): CompletionChunk => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: finish }],
})

export const usageChunk = (head: Head, usage: Usage | undefined): CompletionChunk => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [],
  usage: usage ?? null,
})
