import { AgentFailed, type AgentRunner } from '../core/ports/agents.ts'
import type { RunUsage } from '../core/run.ts'
import type { Later } from '../core/runs/cast.ts'
import { firstAnswer, type Trouble } from './models/attempts.ts'
import type { Catalog } from './models/catalog.ts'
import { ModelFault } from './models/fault.ts'
import type { FinishReason, Model, ModelUsage } from './models/model.ts'
import { requestOf } from './prompt.ts'

export interface AssistantSettings {
  readonly catalog: Catalog
  /** Longest time of an answer, all attempts at it together, in milliseconds. */
  readonly timeLimit: number
  readonly later: Later
  /** Told of every model that did not answer. */
  readonly onTrouble: (trouble: Trouble) => void
}

/** What people read at the end of an answer that is not whole. */
const NOTES: Readonly<Record<FinishReason, string>> = {
  stop: '',
  length: '[The answer ends here because it reached its longest allowed length.]',
  filtered: "[The rest of the answer was held back by the language model's content filter.]",
}

/** The agent that answers by a language model: the one that is asked for, else the standard one, else the fallback. */
export function createAssistantRunner({ catalog, timeLimit, later, onTrouble }: AssistantSettings): AgentRunner {
  const requestFor = (question: Parameters<AgentRunner['answer']>[0]) => async (model: Model) =>
    requestOf(question, { window: await model.window(), maxTokens: model.maxTokens })
  return {
    async *answer(question, signal) {
      const limit = limitOf(timeLimit, later, signal)
      const models = catalog.choose(question.run.options.model)
      let hasText = false
      try {
        for await (const { model, event } of firstAnswer(models, requestFor(question), limit.signal, {
          later,
          onTrouble,
        })) {
          if (event.type === 'text') {
            hasText = true
            yield event
          } else {
            const note = NOTES[event.reason]
            if (note) yield { type: 'text', text: hasText ? `\n\n${note}` : note }
            return yield { type: 'usage', usage: await took(model, event.usage) }
          }
        }
        throw new ModelFault('broken')
      } catch (error) {
        if (signal.aborted) return
        throw error instanceof ModelFault ? new AgentFailed(error.message, error) : error
      } finally {
        limit.lift()
      }
    },
  }
}

function limitOf(ms: number, later: Later, signal: AbortSignal) {
  const slow = new AbortController()
  return {
    signal: AbortSignal.any([signal, slow.signal]),
    lift: later(ms, () => slow.abort(new ModelFault('too_slow'))),
  }
}

async function took(model: Model, usage: ModelUsage): Promise<RunUsage> {
  const { input, output } = usage
  const price = await model.cost(usage)
  return {
    model: model.name,
    tokens: input === null || output === null ? null : input + output,
    cost: price?.cost ?? null,
    ...(price && { prices: price.prices }),
  }
}
