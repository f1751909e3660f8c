import type { Context } from '../context.ts'
import type { ConnectionId } from '../events.ts'
import type { AgentRunner, Outside } from '../ports/agents.ts'
import type { Room } from '../room.ts'
import type { Run, RunStep } from '../run.ts'
import type { User } from '../user.ts'

/** Calls `run` once after `ms` milliseconds, unless the function it returns is called before. Tests own it. */
export type Later = (ms: number, run: () => void) => () => void

/** What answering works with. */
export interface RunPorts
  extends Pick<
    Context,
    'store' | 'commits' | 'chores' | 'clock' | 'ids' | 'directory' | 'settings' | 'onFault' | 'emit'
  > {
  readonly runner: AgentRunner
  readonly later: Later
}

/** Hears steps of a run in their order, right after they are stored. Never throws. */
export type Hear = (steps: readonly RunStep[]) => void

/** What was said before a question, as whoever asks tells it. */
export interface Prior {
  readonly by: 'asker' | 'agent'
  readonly text: string
}

/** A run and who takes part in it. */
export interface Cast {
  readonly run: Run
  readonly room: Room
  readonly agent: User
  readonly asker: User
  /** The connection that asked, where it is still known. */
  readonly via?: ConnectionId | undefined
  /** What that connection showed for requests to elsewhere. */
  readonly outside?: Outside | null
  /** Whoever waits for the answer. */
  readonly hear?: Hear | undefined
  /** The agent is told this, oldest first, instead of what is stored. Held in memory only. */
  readonly prior?: readonly Prior[] | undefined
}

/** The cast of a stored run; undefined where its room or its people are not known any more. */
export async function castOf({ directory }: Pick<RunPorts, 'directory'>, run: Run): Promise<Cast | undefined> {
  const room = await directory.room(run.room)
  const people = await directory.users([run.agent, run.asker])
  const [agent, asker] = [people.get(run.agent), people.get(run.asker)]
  return room && agent && asker && { run, room, agent, asker }
}
