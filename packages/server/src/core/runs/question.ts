import type { Message } from '../message.ts'
import type { Question } from '../ports/agents.ts'
import { hasOthers, type Room } from '../room.ts'
import type { Cast, Prior, RunPorts } from './cast.ts'

/** Earlier messages that an agent is given at the most. How many of them a model can hold is for its runner to say. */
const CONTEXT_MAX = 50

/** What the agent is asked, with the latest messages of the conversation that the asker may read too. */
export async function questionOf(
  ports: Reads,
  cast: Cast,
  message: Message,
): Promise<Omit<Question, 'spending' | 'takeAsides'>> {
  const { run, room, asker, outside = null } = cast
  const place = { run, room, asker, message, outside }
  if (cast.prior) return { ...place, context: told(cast, message, cast.prior), hasEarlier: false, summary: null }
  const { items, isMoreBefore: hasEarlier } = await (room.kind === 'conversation'
    ? ofConversation(ports, cast, message)
    : ofRoom(ports, cast, message))
  const people = await ports.directory.users(items.map(({ sender }) => sender))
  const context = items.flatMap(earlier => {
    const sender = people.get(earlier.sender)
    return sender ? [{ message: earlier, sender }] : []
  })
  const summary = hasOthers(room) ? null : ((await ports.store.summary(room.id)) ?? null)
  return { ...place, context, hasEarlier, summary }
}

/** As messages before the first of the room. */
const told = ({ agent, asker }: Cast, message: Message, prior: readonly Prior[]): Question['context'] =>
  prior.map(({ by, text }, index) => {
    const sender = by === 'agent' ? agent : asker
    return { message: { ...message, sender: sender.id, body: text, ordinal: index - prior.length }, sender }
  })

type Reads = Pick<RunPorts, 'store' | 'directory'>

async function ofRoom({ store }: Reads, { run, room, asker }: Cast, { ordinal }: Message) {
  const above = readsFrom(room, await store.membership(room.id, asker.id))
  const where = { before: ordinal }
  return store.roomHistory({ room: room.id, above, conversation: run.conversation, where, limit: CONTEXT_MAX })
}

/** There one asks on before the answer is there: each answer stands behind its question, and what was asked later is left out. */
async function ofConversation({ store }: Reads, { room }: Cast, { ordinal }: Message) {
  const where = { newest: true } as const
  const page = await store.roomHistory({ room: room.id, above: 0, conversation: null, where, limit: CONTEXT_MAX })
  const runs = new Map((await store.runs(page.items.flatMap(({ run }) => run ?? []))).map(run => [run.id, run]))
  const ordinals = new Map(page.items.map(one => [one.id, one.ordinal]))
  const placeOf = (one: Message): number => {
    const question = one.run && runs.get(one.run)?.question
    return (question && ordinals.get(question)) ?? one.ordinal
  }
  const items = page.items.filter(one => placeOf(one) < ordinal)
  return { ...page, items: items.toSorted((a, b) => placeOf(a) - placeOf(b) || a.ordinal - b.ordinal) }
}

/** Whoever comes to a private room reads from there on; whoever is not in it, nothing before the question. */
function readsFrom({ kind }: Room, membership: { readonly since: number } | undefined): number {
  if (!membership) return Number.MAX_SAFE_INTEGER
  return kind === 'private' ? membership.since : 0
}
