import type { Message } from '../message.ts'
import type { Question } from '../ports/agents.ts'
import type { Room } from '../room.ts'
import type { Run } from '../run.ts'
import type { Cast, RunPorts } from './cast.ts'
import { ANSWER_MAX } from './intake.ts'

/** Earlier messages that an agent is given at the most. How many of them a model can hold is for its runner to say. */
const CONTEXT_MAX = 50

/** What the agent is asked, with the latest messages of the conversation that the asker may read too. */
export async function questionOf(
  { store, directory }: Pick<RunPorts, 'store' | 'directory'>,
  { run, room, asker, outside = null }: Cast,
  message: Message,
): Promise<Question> {
  const { items } = await store.roomHistory({
    room: room.id,
    above: readsFrom(room, await store.membership(room.id, asker.id)),
    conversation: run.conversation,
    where: { before: message.ordinal },
    limit: CONTEXT_MAX,
  })
  const people = await directory.users(items.map(({ sender }) => sender))
  const context = items.flatMap(earlier => {
    const sender = people.get(earlier.sender)
    return sender ? [{ message: earlier, sender }] : []
  })
  return { run, room, asker, message, context, begun: await begunBefore(store, run), outside }
}

/** What the runs say that this one goes on from, as far as it is still there; null where it goes on from none. */
async function begunBefore(store: RunPorts['store'], { origin }: Run): Promise<string | null> {
  let begun: string | null = null
  for (let next = origin; next?.how === 'continue' && (begun?.length ?? 0) < ANSWER_MAX; ) {
    const [run] = await store.runs([next.run])
    const answer = run?.end?.answer ? await store.message(run.end.answer) : undefined
    begun = (answer?.body ?? '') + (begun ?? '')
    next = run?.origin ?? null
  }
  return begun
}

/** Whoever comes to a private room reads from there on; whoever is not in it, nothing before the question. */
function readsFrom({ kind }: Room, membership: { readonly since: number } | undefined): number {
  if (kind === 'conversation') return 0
  if (!membership) return Number.MAX_SAFE_INTEGER
  return kind === 'private' ? membership.since : 0
}
