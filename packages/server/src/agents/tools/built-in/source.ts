import { may } from '../../../core/permissions.ts'
import type { Tool, ToolSource } from '../tool.ts'
import type { LateCore } from './acting.ts'
import { postMessage } from './post-message.ts'
import { readFile } from './read-file.ts'
import { searchMessages } from './search-messages.ts'

/** The tools that every agent has, for whoever has an account. They do what the asker could do themselves, and nothing else. */
export function builtInTools(core: LateCore): ToolSource {
  const readers: readonly Tool[] = [searchMessages(core), readFile(core)]
  const writers: readonly Tool[] = [postMessage(core)]
  return {
    most: readers.length + writers.length,
    toolsFor: async ({ asker: { role } }) => [
      ...(may(role, 'search') ? readers : []),
      ...(may(role, 'room.send') ? writers : []),
    ],
  }
}
