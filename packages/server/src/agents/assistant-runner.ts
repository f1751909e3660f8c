import { type AgentEvent, AgentFailed, type Question } from '../core/ports/agents.ts'
import type { CarryingOn } from './deciding.ts'
import type { Catalog } from './models/catalog.ts'
import { ModelFault } from './models/fault.ts'
import { planOf } from './prompt.ts'
import { type Ran, ranTurn } from './ran.ts'
import { answerInRounds, type RoundPorts, type Task } from './rounds.ts'
import { summariserOf } from './summarising.ts'
import { limitOf } from './time-limit.ts'
import { Details } from './tools/cut.ts'
import { gatherTools } from './tools/gather.ts'
import type { ToolSource } from './tools/tool.ts'
import { Tally } from './usage.ts'

export interface AssistantSettings extends RoundPorts {
  /** Where its tools come from. Of two with one name the first counts. */
  readonly sources: readonly ToolSource[]
  readonly catalog: Pick<Catalog, 'choose'>
  /** Longest time of an answer, all attempts at it together, in milliseconds. */
  readonly timeLimit: number
  /** Millionths of a US dollar that a token counts for where a paid model's price is not known. */
  readonly unknownPrice: number
}

/** The agent that answers by a language model: the one that is asked for, else the standard one, else the fallback. */
export function createAssistantRunner(settings: AssistantSettings): CarryingOn {
  return {
    isSteerable: true,
    answer: (question, signal) => answerTo(question, null, signal, settings),
    carryOn: (question, ran, signal) => answerTo(question, ran, signal, settings),
    summarise: summariserOf(settings),
  }
}

async function* answerTo(question: Question, ran: Ran | null, signal: AbortSignal, settings: AssistantSettings) {
  const limit = limitOf(settings, signal)
  try {
    const task = await taskOf(question, ran, limit.signal, settings)
    yield* answerInRounds(task, limit.signal, settings)
    const before = task.leftOut()
    if (before !== null) yield { type: 'left_out', before } satisfies AgentEvent
  } catch (error) {
    if (signal.aborted) return
    throw error instanceof ModelFault ? new AgentFailed(error.message, error) : error
  } finally {
    limit.lift()
  }
}

interface AssistantTask extends Task {
  /** Ordinal before which messages had no place in what was asked last; null where all had. */
  leftOut(): number | null
}

async function taskOf(
  question: Question,
  ran: Ran | null,
  signal: AbortSignal,
  settings: AssistantSettings,
): Promise<AssistantTask> {
  const models = settings.catalog.choose(question.run.options.model)
  let leftOut: number | null = null
  return {
    question,
    models,
    tools: await gatherTools(settings.sources, question, signal, settings),
    details: new Details(),
    tally: new Tally(models[0]?.name ?? '', settings.unknownPrice),
    requestFor(room, beside) {
      const plan = planOf(question, room, beside)
      leftOut = plan.leftOut
      return plan.request
    },
    leftOut: () => leftOut,
    after: ran ? [ranTurn(ran, Math.min(...(await Promise.all(models.map(model => model.window())))))] : [],
  }
}
