import type { AssistantSettings } from '../../src/agents/assistant-runner.ts'
import { type Approvals, noApprovals, type WantedUse } from '../../src/agents/tools/approval.ts'
import type { Json, JsonObject, Tool, ToolCall } from '../../src/agents/tools/tool.ts'

/** Settings of an assistant that has no tools, and may spend anything. */
export const plain = {
  sources: [],
  approvals: noApprovals,
  limits: { rounds: 10, calls: 10 },
  budgets: { person: null, room: null, guests: null },
  unknownPrice: 10,
  onFault: (error: unknown) => {
    throw error
  },
} satisfies Partial<AssistantSettings>

/** A tool that answers with its arguments unless told otherwise, and what it was called with. */
export function tool(name: string, over: Partial<Tool> = {}) {
  const calls: { readonly args: JsonObject; readonly call: ToolCall }[] = []
  const made: Tool = {
    name,
    description: `Does ${name}.`,
    parameters: { type: 'object' },
    effect: 'read',
    isPersonal: false,
    timeLimit: 30_000,
    run: async args => args,
    ...over,
  }
  const run = (args: JsonObject, call: ToolCall): Promise<Json> => {
    calls.push({ args, call })
    return made.run(args, call)
  }
  return { ...made, run, calls }
}

export const toolsOf = (...tools: readonly Tool[]): ReadonlyMap<string, Tool> =>
  new Map(tools.map(one => [one.name, one]))

/** Approvals that are kept, with codes A1, A2 ... valid until the first day of 2031. */
export function keptApprovals() {
  const asked: WantedUse[] = []
  const approvals: Approvals = {
    ask: async use => ({ code: `A${asked.push(use)}`, expiresAt: Date.UTC(2031, 0, 1) }),
    decisionIn: async () => null,
  }
  return { approvals, asked }
}
