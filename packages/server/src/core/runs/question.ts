import type { Message } from '../message.ts'
import type { Question } from '../ports/agents.ts'
import { hasOthers, type Room } from '../room.ts'
import type { Run } from '../run.ts'
import type { Cast, Prior, RunPorts } from './cast.ts'
import { ANSWER_MAX } from './intake.ts'

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
  if (cast.prior)
    return { ...place, context: told(cast, message, cast.prior), begun: null, hasEarlier: false, summary: null }
  const { items, isMoreBefore: hasEarlier } = await (room.kind === 'conversation'
    ? ofConversation(ports, cast, message)
    : ofRoom(ports, cast, message))
  const people = await ports.directory.users(items.map(({ sender }) => sender))
  const context = items.flatMap(earlier => {
    const sender = people.get(earlier.sender)
    return sender ? [{ message: earlier, sender }] : []
  })
  const known = hasOthers(room) ? undefined : await ports.store.summary(room.id)
  // One that is about later messages, too, says more than was known then.
  const summary = known && known.upTo < message.ordinal ? known : null
  const begun = await begunBefore(ports.store, run)
  return { ...place, context, begun, hasEarlier, summary }
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
async function ofConversation({ store }: Reads, { room, run }: Cast, { ordinal }: Message) {
  // What is answered once more may be long ago.
  const where = run.origin ? { before: ordinal } : ({ newest: true } as const)
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
  if (!membership) return Number.MAX_SAFE_INTEGER
  return kind === 'private' ? membership.since : 0
}
