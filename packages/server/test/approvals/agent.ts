import { createAnswerers } from '../../src/agents/answerers.ts'
import { type CarryingOn, deciding } from '../../src/agents/deciding.ts'
import { guide } from '../../src/agents/guide.ts'
import type { Approvals } from '../../src/agents/tools/approval.ts'
import { createApprovals } from '../../src/agents/tools/approvals.ts'
import { Details } from '../../src/agents/tools/cut.ts'
import { type PerformPorts, perform } from '../../src/agents/tools/perform.ts'
import type { JsonObject, Tool } from '../../src/agents/tools/tool.ts'
import type { AgentRunner, Question } from '../../src/core/ports/agents.ts'
import { later } from '../../src/core/runs.ts'
import { Level2Client } from '../rooms/level2/client.ts'
import { type Member, openWorld, testTeam, type World, type WorldOptions } from '../world.ts'

/** Notes that were made, and what the connection that approved them showed. */
type Notes = { readonly args: JsonObject; readonly outside: Question['outside'] }[]

const noteTool = (notes: Notes): Tool => ({
  name: 'make_note',
  description: 'Makes a note',
  parameters: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
  effect: 'write',
  isPersonal: false,
  timeLimit: 1_000,
  run: async (args, { question: { outside } }) => {
    notes.push({ args, outside })
    return 'noted'
  },
})

/** An agent that makes a note where it is told `note` and a title, once that is approved. */
function noteAgent(notes: Notes, approvals: Approvals): AgentRunner {
  const tools = new Map([['make_note', noteTool(notes)]])
  const ports: PerformPorts = { approvals, later, onFault: () => undefined }
  const agent: CarryingOn = {
    async *answer(question, signal) {
      const [, title] = /note (.+)/.exec(question.message.body) ?? []
      if (title === undefined) return yield { type: 'text', text: 'What?' }
      const call = { id: 'c1', name: 'make_note', args: { title } }
      const performed = yield* perform(call, { question, tools, details: new Details() }, signal, ports)
      if (performed.state !== 'waiting') throw new Error('a note waits for its approval')
      yield { type: 'text', text: `Say /approve ${performed.code} or /deny ${performed.code}` }
    },
    async *carryOn() {
      yield { type: 'text', text: 'Noted.' }
    },
  }
  return deciding(agent, { ...ports, approvals, sources: [{ toolsFor: async () => [...tools.values()] }] })
}

/** A server whose assistant makes notes. */
export async function openNotes(options: WorldOptions = {}) {
  const kept: Notes = []
  const agents = noteAgent(
    kept,
    createApprovals(() => world.core),
  )
  const world: World = await openWorld({ agents, ...options })
  return { world, agent: { notes: kept }, notes: () => kept.map(({ args }) => args) }
}

/** A server where the team makes notes, and the assistant none. */
export async function openTeamNotes(options: WorldOptions = {}) {
  const kept: Notes = []
  const approvals = createApprovals(() => world.core)
  const cast = createAnswerers(noteAgent(kept, approvals))
  const world: World = await openWorld({ agents: cast.runner, ...options })
  const assistant = deciding(guide, { approvals, sources: [], later, onFault: () => undefined })
  for (const { id, name } of world.core.context.directory.agents)
    cast.add(id, name === testTeam.name ? noteAgent(kept, approvals) : assistant)
  return { world, notes: () => kept.map(({ args }) => args) }
}

/** The member at level 2, in a shared room, where the assistant answers who mentions it. */
export async function inRoom(world: World, member: Member, room = 'kitchen'): Promise<Level2Client> {
  const client = await Level2Client.live(world, member)
  await client.ask({ type: 'join_room', data: { room_id: room, room_type: 'shared' } })
  return client
}

/** Says something and returns what the assistant answers. */
export async function say(client: Level2Client, message: string, room = 'kitchen'): Promise<string> {
  await client.ask({ type: 'chat', room_id: room, data: { message } })
  return answer(client)
}

/** What the assistant says next. */
export async function answer({ wire }: Level2Client): Promise<string> {
  const frames = await wire.until(({ type, data }) => type === 'chat' && data.role === 'assistant')
  return String(frames.at(-1)?.data.content)
}

/** Has the assistant ask for a note; the code that it asks with. */
export async function wanted(client: Level2Client, title = 'milk', room = 'kitchen'): Promise<string> {
  const said = await say(client, `@assistant note ${title}`, room)
  const [, code] = /^Say \/approve ([2-9A-HJ-NP-Z]{8}) or \/deny \1$/.exec(said) ?? []
  if (code === undefined) throw new Error(`the assistant asked for nothing: ${said}`)
  return code
}
