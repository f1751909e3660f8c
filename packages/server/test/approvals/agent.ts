import { type Approvals, createApprovals } from '../../src/agents/tools/approvals.ts'
import type { AgentEvent, AgentRunner, Question } from '../../src/core/ports/agents.ts'
import { Level2Client } from '../rooms/level2/client.ts'
import { type Member, openWorld, type World, type WorldOptions } from '../world.ts'

/** An agent that makes a note where it is told `note` and a title, once that is approved. */
class NoteAgent implements AgentRunner {
  /** Its notes, and what the connection that approved them showed. */
  readonly notes: { readonly args: unknown; readonly outside: Question['outside'] }[] = []
  readonly approvals: Approvals

  constructor(approvals: Approvals) {
    this.approvals = approvals
  }

  async *answer(question: Question): AsyncGenerator<AgentEvent, void, void> {
    const decision = await this.approvals.decisionIn(question)
    if (decision?.state === 'approved') {
      const args: unknown = JSON.parse(decision.approval.arguments)
      this.notes.push({ args, outside: question.outside })
      const use = { type: 'tool', call: 'c1', name: decision.approval.tool } as const
      yield { ...use, state: 'started', detail: { arguments: args } }
      yield { ...use, state: 'completed', detail: 'noted' }
      return yield { type: 'text', text: 'Noted.' }
    }
    if (decision) return yield { type: 'text', text: decision.text }
    const [, title] = /note (.+)/.exec(question.message.body) ?? []
    if (title === undefined) return yield { type: 'text', text: 'What?' }
    const args = { title }
    const { code, expiresAt } = await this.approvals.ask({ question, tool: { name: 'make_note' }, args, why: 'write' })
    const detail = { approval: code, expires_at: expiresAt, arguments: args }
    yield { type: 'tool', call: 'c1', name: 'make_note', state: 'waiting', detail }
    yield { type: 'text', text: `Say /approve ${code} or /deny ${code}` }
  }
}

/** A server whose assistant makes notes. */
export async function openNotes(options: WorldOptions = {}) {
  const agent = new NoteAgent(createApprovals(() => world.core))
  const world: World = await openWorld({ agents: agent, ...options })
  return { world, agent, notes: () => agent.notes.map(({ args }) => args) }
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
