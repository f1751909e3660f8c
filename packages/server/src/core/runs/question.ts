import type { Message } from '../message.ts'
import type { Question, Spending } from '../ports/agents.ts'
import { hasOthers, type Room } from '../room.ts'
import type { Cast, RunPorts } from './cast.ts'

/** Earlier messages that an agent is given at the most. How many of them a model can hold is for its runner to say. */
const CONTEXT_MAX = 50

/** What the agent is asked, with the latest messages of the conversation that the asker may read too. */
export async function questionOf(
  { store, directory }: Pick<RunPorts, 'store' | 'directory'>,
  { run, room, asker, outside = null }: Cast,
  message: Message,
  spending: () => Promise<Spending>,
): Promise<Question> {
  const { items, isMoreBefore: hasEarlier } = await store.roomHistory({
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
  const summary = hasOthers(room) ? null : ((await store.summary(room.id)) ?? null)
  return { run, room, asker, message, context, outside, hasEarlier, summary, spending }
}

/** Whoever comes to a private room reads from there on; whoever is not in it, nothing before the question. */
function readsFrom({ kind }: Room, membership: { readonly since: number } | undefined): number {
  if (kind === 'conversation') return 0
  if (!membership) return Number.MAX_SAFE_INTEGER
  return kind === 'private' ? membership.since : 0
}
