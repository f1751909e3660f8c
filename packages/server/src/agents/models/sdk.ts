import { type LanguageModel, type LanguageModelUsage, streamText } from 'ai'
import type { Later } from '../../core/runs/cast.ts'
import { patiently } from '../patience.ts'
import { ModelFault } from './fault.ts'
import type { FinishReason, ModelCall, ModelEvent, ModelRequest, ModelUsage } from './model.ts'
import { faultOf } from './sdk-faults.ts'
import { argumentsOf, calledTurn, messagesOf, toolsOf } from './sdk-turns.ts'

// Warnings are about settings that a model does not have; they would go to the console.
globalThis.AI_SDK_LOG_WARNINGS = false

/** How a language model of the SDK is asked. */
export interface Asking {
  /** `provider/model`. */
  readonly name: string
  readonly language: LanguageModel
  /** Longest time without a sign of life, in milliseconds. */
  readonly silence: number
  readonly later: Later
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** See `Model.stream`. */
export async function* streamFromSdk(
  asking: Asking,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void, void> {
  const { name, silence, later, now } = asking
  const end = new AbortController()
  const calls: ModelCall[] = []
  let [text, finish]: [string, Finish | undefined] = ['', undefined]
  try {
    const answer = begin(asking, request, AbortSignal.any([signal, end.signal]))
    for await (const part of patiently(answer.stream, { silence, later, signal })) {
      if (part.type === 'text-delta') {
        text += part.text
        if (part.text !== '') yield { type: 'text', text: part.text }
      } else if (part.type === 'tool-call') calls.push(callOf(part))
      else if (part.type === 'error') throw part.error
      else if (part.type === 'finish') {
        finish = { reason: reasonOf(part.finishReason, part.rawFinishReason), usage: usageOf(part.totalUsage) }
        if (finish.reason !== 'stop' || calls.length === 0) return yield { type: 'finish', ...finish }
      }
    }
    if (!finish) throw new ModelFault('broken', 'the stream ended without an end')
    // Only now: who asks for these has the SDK read the stream to its end.
    const turn = calledTurn(name, calls, text, await answer.responseMessages)
    yield { type: 'finish', reason: 'tools', usage: finish.usage, turn }
  } catch (error) {
    throw signal.aborted ? signal.reason : faultOf(error, now())
  } finally {
    end.abort()
  }
}

interface Finish {
  readonly reason: FinishReason
  readonly usage: ModelUsage
}

function begin({ language, name }: Asking, request: ModelRequest, abortSignal: AbortSignal) {
  const { instructions, turns, tools, temperature, maxTokens } = request
  return streamText({
    model: language,
    instructions,
    messages: messagesOf(turns, name),
    ...(tools.length > 0 && { tools: toolsOf(tools) }),
    ...(temperature !== null && { temperature }),
    ...(maxTokens !== null && { maxOutputTokens: maxTokens }),
    maxRetries: 0,
    abortSignal,
    // OpenAI would keep the conversation for a month.
    providerOptions: { openai: { store: false } },
    // Errors are parts of the stream as well; unless somebody takes them here they go to the console.
    onError: () => undefined,
  })
}

const callOf = (called: { toolCallId: string; toolName: string; input: unknown }): ModelCall => ({
  id: called.toolCallId,
  name: called.toolName,
  args: argumentsOf(called.input),
})

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
