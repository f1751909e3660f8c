import { builtInTools } from '../../../src/agents/tools/built-in/source.ts'
import type { Json, JsonObject } from '../../../src/agents/tools/tool.ts'
import type { Core } from '../../../src/core/core.ts'
import type { RoomId } from '../../../src/core/ids.ts'
import type { Question } from '../../../src/core/ports/agents.ts'
import type { User } from '../../../src/core/user.ts'
import { runIn } from '../../artefacts.ts'
import { ask } from '../question.ts'

/** A question of somebody in a room to an agent there. */
export async function asking(core: Core, asker: User, id: RoomId, body = 'x'): Promise<Question> {
  const room = await core.context.directory.room(id)
  if (!room) throw new Error('there is no such room')
  const question = ask(body)
  return { ...question, run: runIn(core, asker, room), asker, room }
}

/** Uses a built-in tool as an agent does, whatever it would have to wait for. Rejects where there is none for the asker. */
export async function use(core: Core, name: string, args: JsonObject, question: Question): Promise<Json> {
  const tools = await builtInTools(() => core).toolsFor(question)
  const tool = tools.find(one => one.name === name)
  if (!tool) throw new Error(`no ${name}`)
  return tool.run(args, { question, signal: new AbortController().signal, progress: () => undefined })
}
