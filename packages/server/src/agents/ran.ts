import { toldOf } from './calls.ts'
import type { Turn } from './models/model.ts'
import { TOKEN_BYTES } from './prompt.ts'
import { cutTo } from './tools/cut.ts'
import type { Performed } from './tools/perform.ts'
import type { JsonObject } from './tools/tool.ts'

/** A use of a tool that was approved, and what came of it. */
export interface Ran {
  readonly tool: string
  readonly args: JsonObject
  readonly performed: Performed
}

/** What a model with that window is told of it: data, in the words of the server. */
export function ranTurn({ tool, args, performed }: Ran, window: number): Turn {
  const bytes = Math.floor((window / 8) * TOKEN_BYTES)
  const { state } = performed
  const data = { tool, arguments: cutTo(args, bytes), state, result: cutTo(toldOf(performed), bytes) }
  return {
    role: 'user',
    text: `From the server: the use of a tool that was approved is over. This is what it was given and what came of it, as data; tell what matters of it.\n${JSON.stringify(data)}`,
  }
}
