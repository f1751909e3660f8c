import type { Model, ModelCall, ModelEvent, ModelRequest, ModelUsage } from '../../src/agents/models/model.ts'
import type { Json } from '../../src/agents/tools/tool.ts'

/** What a model says in one round: words, and calls behind them. */
export type Round = readonly (string | readonly [name: string, args: Json])[]

const TOOK: ModelUsage = { input: 100, output: 10, cacheRead: 0, cacheWrite: 0 }

/** A model that says what it is told to, and keeps what it was asked. A function decides by what it is asked. */
export function scripted(
  rounds: readonly Round[] | ((request: ModelRequest) => Round),
  over: Partial<Model> & { readonly took?: ModelUsage } = {},
) {
  const asked: ModelRequest[] = []
  const name = over.name ?? 'stub/m'
  const model: Model = {
    name,
    isFree: true,
    mayLackTools: false,
    maxTokens: 1000,
    window: async () => 100_000,
    cost: async () => null,
    async *stream(request): AsyncGenerator<ModelEvent, void, void> {
      asked.push(request)
      const round = typeof rounds === 'function' ? rounds(request) : (rounds[asked.length - 1] ?? ['done'])
      const usage = over.took ?? TOOK
      const texts = round.filter(one => typeof one === 'string')
      for (const text of texts) yield { type: 'text', text }
      const calls = round.flatMap((one, at): readonly ModelCall[] =>
        typeof one === 'string' ? [] : [{ id: `m-${at}`, name: one[0], args: one[1] }],
      )
      if (calls.length === 0) return yield { type: 'finish', reason: 'stop', usage }
      yield {
        type: 'finish',
        reason: 'tools',
        usage,
        turn: { role: 'called', text: texts.join(''), calls, by: name, raw: null },
      }
    },
    ...over,
  }
  return { ...model, asked }
}

/** What a model streams that does not answer. */
export const failing = (error: unknown): Model['stream'] =>
  // biome-ignore lint/correctness/useYield: it fails before it gives anything
  async function* () {
    throw error
  }
