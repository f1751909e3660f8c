import { type AgentEvent, AgentFailed, type AgentRunner, type Question } from '../core/ports/agents.ts'
import type { Catalog } from './models/catalog.ts'
import { ModelFault } from './models/fault.ts'
import { requestOf } from './prompt.ts'
import { type Ran, ranTurn } from './ran.ts'
import { answerInRounds, type RoundPorts, type Task } from './rounds.ts'
import { Details } from './tools/cut.ts'
import { type ToolSources, toolsFor } from './tools/sources.ts'
import { Tally } from './usage.ts'

export interface AssistantSettings extends RoundPorts, ToolSources {
  readonly catalog: Catalog
  /** Longest time of an answer, all attempts at it together, in milliseconds. */
  readonly timeLimit: number
  /** Millionths of a US dollar that a token counts for where a paid model's price is not known. */
  readonly unknownPrice: number
}

export interface Assistant extends AgentRunner {
  /** Answers a question that approved a use of a tool: `ran` is what came of it, which the model is told as data. */
  carryOn(question: Question, ran: Ran, signal: AbortSignal): AsyncGenerator<AgentEvent, void, void>
}

/** The agent that answers by a language model: the one that is asked for, else the standard one, else the fallback. */
export function createAssistantRunner(settings: AssistantSettings): Assistant {
  return {
    isSteerable: true,
    answer: (question, signal) => answerTo(question, null, signal, settings),
    carryOn: (question, ran, signal) => answerTo(question, ran, signal, settings),
  }
}

async function* answerTo(question: Question, ran: Ran | null, signal: AbortSignal, settings: AssistantSettings) {
  const limit = limitOf(settings, signal)
  try {
    yield* answerInRounds(await taskOf(question, ran, settings), limit.signal, settings)
  } catch (error) {
    if (signal.aborted) return
    throw error instanceof ModelFault ? new AgentFailed(error.message, error) : error
  } finally {
    limit.lift()
  }
}

async function taskOf(question: Question, ran: Ran | null, settings: AssistantSettings): Promise<Task> {
  const models = settings.catalog.choose(question.run.options.model)
  return {
    question,
    models,
    tools: await toolsFor(question, settings),
    details: new Details(),
    tally: new Tally(models[0]?.name ?? '', settings.unknownPrice),
    requestFor: (room, beside) => requestOf(question, room, beside),
    after: ran ? [ranTurn(ran, Math.min(...(await Promise.all(models.map(model => model.window())))))] : [],
  }
}

function limitOf({ timeLimit, later }: AssistantSettings, signal: AbortSignal) {
  const slow = new AbortController()
  return {
    signal: AbortSignal.any([signal, slow.signal]),
    lift: later(timeLimit, () => slow.abort(new ModelFault('too_slow'))),
  }
}
