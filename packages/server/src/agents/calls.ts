import type { ModelCall, ModelResult } from './models/model.ts'
import { abreast } from './tools/abreast.ts'
import { cutTo } from './tools/cut.ts'
import { type Call, type Performed, type PerformPorts, type Place, perform, type ToolStep } from './tools/perform.ts'
import type { Json, Tool } from './tools/tool.ts'

/**
 * Performs calls: those that only read side by side, one that writes alone and in its place. Yields their steps as they come and
 * returns what became of each, in their order.
 */
export async function* performAll(
  calls: readonly Call[],
  place: Place,
  signal: AbortSignal,
  ports: PerformPorts,
): AsyncGenerator<ToolStep, readonly Performed[], void> {
  const performed: Performed[] = []
  for (const group of groupsOf(calls, place.tools))
    performed.push(...(yield* abreast(group.map(call => perform(call, place, signal, ports)))))
  return performed
}

function groupsOf(calls: readonly Call[], tools: ReadonlyMap<string, Tool>): readonly (readonly Call[])[] {
  const groups: Call[][] = []
  let isOpen = false
  for (const call of calls) {
    const isRead = tools.get(call.name)?.effect !== 'write'
    const last = groups.at(-1)
    if (isOpen && isRead && last) last.push(call)
    else groups.push([call])
    isOpen = isRead
  }
  return groups
}

/** What a model is told of a call, in at most `bytes` bytes of JSON. */
export const resultOf = ({ id, name }: ModelCall, performed: Performed, bytes: number): ModelResult => ({
  ...{ id, name },
  state: performed.state === 'completed' ? 'completed' : 'failed',
  value: cutTo(toldOf(performed), bytes),
})

/** What a model is told of what became of a call. */
export function toldOf(performed: Performed): Json {
  switch (performed.state) {
    case 'completed':
      return performed.value
    case 'failed': {
      const { error, why, status } = performed
      return { error: why === null ? error : `${error}: ${why}`, ...(status !== null && { status }) }
    }
    case 'waiting':
      return { waiting: 'for approval' }
    default:
      return performed satisfies never
  }
}
