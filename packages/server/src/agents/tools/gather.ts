import type { Question } from '../../core/ports/agents.ts'
import type { Later } from '../../core/runs/cast.ts'
import { within } from '../patience.ts'
import type { Tool, ToolSource } from './tool.ts'

/** Longest time a source may take to say what it has, in milliseconds. */
const SOURCE_TIME = 10_000

export interface GatherPorts {
  readonly later: Later
  readonly onFault: (error: unknown) => void
}

/**
 * All tools of a question; of two with one name the first counts. A source that fails, or takes too long, has none. Rejects with
 * the signal's reason once that aborts.
 */
export async function gatherTools(
  sources: readonly ToolSource[],
  question: Question,
  signal: AbortSignal,
  { later, onFault }: GatherPorts,
): Promise<ReadonlyMap<string, Tool>> {
  const late = () => new Error('A source of tools did not say in time what it has')
  const toolsOf = async (source: ToolSource): Promise<readonly Tool[]> => {
    try {
      return await within(source.toolsFor(question), { time: SOURCE_TIME, late, later, signal })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      onFault(error)
      return []
    }
  }
  const tools = new Map<string, Tool>()
  for (const tool of (await Promise.all(sources.map(toolsOf))).flat())
    if (!tools.has(tool.name)) tools.set(tool.name, tool)
  return tools
}
