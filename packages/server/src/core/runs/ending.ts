import type { RoomEvent } from '../events.ts'
import type { MessageId } from '../ids.ts'
import type { Writes } from '../ports/writes.ts'
import { trimAfter } from '../retention.ts'
import { otherOf } from '../room.ts'
import type { Run, RunEnd, RunFault, RunOutcome, RunUsage } from '../run.ts'
import type { Cast, RunPorts } from './cast.ts'

/** What a run leaves behind however it ends. */
interface Left {
  readonly usage: RunUsage | null
  readonly outcome: RunOutcome
  readonly by: string | null
}

/** How a run ends. */
export interface Ending {
  readonly state: RunEnd
  readonly fault: string | null
  /** The same for programs, where there is more to say. */
  readonly reason?: RunFault | undefined
  /** Who of a team spoke last, where another process heard it. */
  readonly by?: string | null
}

export const failure = (fault: string | null, reason?: RunFault): Ending => ({ state: 'failed', fault, reason })
export const COMPLETED: Ending = { state: 'completed', fault: null }
export const CANCELLED: Ending = { state: 'cancelled', fault: null }
export const INTERRUPTED: Ending = { state: 'interrupted', fault: null }
/** No end: the run stays open, for the next process to go on with. */
export const LEFT = 'left'

/** How far from its end a run is looked through for whoever spoke last. */
const LAST_STEPS = 1_000

/** Who of a team spoke last in a run, as its log has it; null where nobody of one did. */
export async function lastSpeaker({ store }: Pick<RunPorts, 'store'>, { id }: Run): Promise<string | null> {
  const [head = 0] = await store.runHeads([id])
  const steps = await store.runSteps(id, Math.max(0, head - LAST_STEPS), LAST_STEPS)
  const said = steps.findLast(step => step.type === 'text')
  return said?.type === 'text' ? (said.by ?? null) : null
}

/**
 * Ends a run in the store, then tells: the last step, and the message that its text became or that there is none. The agent's
 * typing stops before that, after a failure behind it. Rejects with Refused where the store did not take it; nothing is told then.
 */
export async function endRun(
  ports: RunPorts,
  cast: Cast,
  { reason: _, ...ending }: Ending & Left,
  stopTyping: () => void,
): Promise<Run> {
  const { commits, ids, clock, directory } = ports
  // The room may have been renamed or handed on meanwhile; not to know that is no reason to go on.
  const room = (await directory.room(cast.room.id).catch(() => undefined)) ?? cast.room
  const answer = ids.uuid() as MessageId // a fresh uuid is what a message id is
  const write = { type: 'run.end', run: cast.run.id, ...ending, answer, at: clock.now() } as const
  const { run } = await commits.run(write, ended => {
    const { agent, asker, via } = cast
    if (ending.state !== 'failed') stopTyping()
    ports.emit({ type: 'run.moved', of: room, run: ended.run, agent, asker, steps: [ended.step], via })
    // In a deleted room there is nobody to tell.
    if (ended.seq > 0) ports.emit(lastEvent({ ...cast, room }, ended))
    if (ending.state === 'failed') stopTyping()
    if (ended.message) trimAfter(ports, room.id, ended.message.ordinal)
  })
  return run
}

function lastEvent({ room, agent, asker, via }: Cast, ended: Writes['run.end']['out']): RoomEvent {
  const { run, message, seq, at } = ended
  if (!message) return { type: 'run.ended', room, seq, at, run, agent, asker, via }
  const recipient = room.pair && otherOf(room.pair, agent.id) === asker.id ? asker : null
  return { type: 'message.sent', room, seq, at, message, sender: agent, recipient, run, asker, via }
}
