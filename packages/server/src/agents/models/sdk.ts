import { type LanguageModel, type LanguageModelUsage, streamText } from 'ai'
import type { Later } from '../../core/runs/cast.ts'
import { ModelFault } from './fault.ts'
import type { FinishReason, ModelEvent, ModelRequest, ModelUsage } from './model.ts'
import { patiently } from './patience.ts'
import { faultOf } from './sdk-faults.ts'

// Warnings are about settings that a model does not have; they would go to the console.
globalThis.AI_SDK_LOG_WARNINGS = false

/** How a language model of the SDK is asked. */
export interface Asking {
  readonly language: LanguageModel
  /** Longest time without a sign of life, in milliseconds. */
  readonly silence: number
  readonly later: Later
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** See `Model.stream`. */
export async function* streamFromSdk(
  { language, silence, later, now }: Asking,
  { instructions, turns, temperature, maxTokens }: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void, void> {
  const end = new AbortController()
  try {
    const { stream } = streamText({
      model: language,
      instructions,
      messages: turns.map(({ role, text }) => ({ role, content: text })),
      ...(temperature !== null && { temperature }),
      ...(maxTokens !== null && { maxOutputTokens: maxTokens }),
      maxRetries: 0,
      abortSignal: AbortSignal.any([signal, end.signal]),
      // OpenAI would keep the conversation for a month.
      providerOptions: { openai: { store: false } },
      // Errors are parts of the stream as well; unless somebody takes them here they go to the console.
      onError: () => undefined,
    })
    for await (const part of patiently(stream, { silence, later, signal })) {
      if (part.type === 'text-delta') {
        if (part.text !== '') yield { type: 'text', text: part.text }
      } else if (part.type === 'error') throw part.error
      else if (part.type === 'finish') {
        const reason = reasonOf(part.finishReason, part.rawFinishReason)
        return yield { type: 'finish', reason, usage: usageOf(part.totalUsage) }
      }
    }
    throw new ModelFault('broken', 'the stream ended without an end')
  } catch (error) {
    throw signal.aborted ? signal.reason : faultOf(error, now())
  } finally {
    end.abort()
  }
}

/** Throws ModelFault where the stream just stopped: no provider gives no reason at all. */
function reasonOf(reason: string, raw: string | undefined): FinishReason {
  switch (reason) {
    case 'length':
      return 'length'
    case 'content-filter':
      return 'filtered'
    case 'error':
      throw new ModelFault('broken', `the provider gave up: ${raw}`)
    case 'other':
      if (raw === undefined) throw new ModelFault('broken', 'the stream ended without an end')
      return 'stop'
    default:
      return 'stop'
  }
}

function usageOf({ inputTokens, outputTokens, inputTokenDetails }: LanguageModelUsage): ModelUsage {
  // Nothing was read and nothing written: that is how some servers say that they do not count.
  const isCounted = (inputTokens ?? 0) + (outputTokens ?? 0) > 0
  return {
    input: isCounted ? (inputTokens ?? null) : null,
    output: isCounted ? (outputTokens ?? null) : null,
    cacheRead: inputTokenDetails.cacheReadTokens ?? 0,
    cacheWrite: inputTokenDetails.cacheWriteTokens ?? 0,
  }
}
