import { decisionOf } from '../core/approval.ts'
import type { AgentEvent, AgentRunner, Question } from '../core/ports/agents.ts'
import { partsOf } from './parts.ts'
import type { Ran } from './ran.ts'
import type { Approvals } from './tools/approval.ts'
import { Details } from './tools/cut.ts'
import { gatherTools } from './tools/gather.ts'
import { type PerformPorts, perform } from './tools/perform.ts'
import type { JsonObject, ToolSource } from './tools/tool.ts'

/** An agent that goes on after a use of a tool was approved. */
export interface CarryingOn extends AgentRunner {
  /** Answers a question that approved a use of a tool: `ran` is what came of it. */
  carryOn(question: Question, ran: Ran, signal: AbortSignal): AsyncGenerator<AgentEvent, void, void>
}

export interface DecidingPorts extends PerformPorts {
  readonly approvals: Approvals
  readonly sources: readonly ToolSource[]
}

/**
 * Hears first whether a question decides what was asked before, and does as it says, by fixed rules. What is approved is used with
 * exactly the arguments that were shown; only then the agent goes on.
 */
export const deciding = (agent: CarryingOn, ports: DecidingPorts): AgentRunner => ({
  ...agent,
  // What a tool did must not be done again.
  isRepeatable: asked => !decisionOf(asked.message.body) && agent.isRepeatable?.(asked) === true,
  async *answer(question, signal) {
    const decided = await ports.approvals.decisionIn(question)
    if (decided === null) return yield* agent.answer(question, signal)
    if (decided.state !== 'approved') return yield* say(decided.text)
    const { tool: name, arguments: shown } = decided.approval
    const tools = await gatherTools(ports.sources, question, signal, ports)
    if (!tools.has(name)) return yield* say(goneText(name))
    const args = JSON.parse(shown) as JsonObject // what was asked for was an object
    const call = { id: 'call-approved', name, args, isApproved: true }
    const performed = yield* perform(call, { question, tools, details: new Details() }, signal, ports)
    yield* agent.carryOn(question, { tool: name, args, performed }, signal)
  },
})

function* say(text: string): Generator<AgentEvent, void, void> {
  for (const part of partsOf(text)) yield { type: 'text', text: part }
}

const goneText = (tool: string): string => `You approved ${tool}, but that tool is not here any more. Nothing was done.`
