import type { Question } from '../../core/ports/agents.ts'
import type { Tool, ToolSource } from './tool.ts'

export interface ToolSources {
  /** Of two tools with one name the first counts. */
  readonly sources: readonly ToolSource[]
  /** Hears of errors that are ours. */
  readonly onFault: (error: unknown) => void
}

/** All tools of a question, by name. A source that fails has none. */
export async function toolsFor(
  question: Question,
  { sources, onFault }: ToolSources,
): Promise<ReadonlyMap<string, Tool>> {
  const found = await Promise.all(
    sources.map(source =>
      source.toolsFor(question).catch(error => {
        onFault(error)
        return []
      }),
    ),
  )
  const tools = new Map<string, Tool>()
  for (const tool of found.flat()) if (!tools.has(tool.name)) tools.set(tool.name, tool)
  return tools
}
