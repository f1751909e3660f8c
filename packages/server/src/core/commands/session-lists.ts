import type { Context } from '../context.ts'
import type { Conversation } from '../conversation.ts'
import type { ShownMessage } from '../message.ts'
import { signedIn } from '../permissions.ts'
import type { PageOf, PageQuery, SessionOf } from '../ports/store.ts'
import { refuse } from '../refusals.ts'
import type { Run } from '../run.ts'
import type { Implementation } from './command.ts'
import { page } from './history.ts'

/** Messages whose answers are looked at. */
const LOOKED_AT = 200

export interface SessionListCommands {
  /** The actor's sessions whose names begin so, latest first. */
  'sessions.list': { input: PageQuery & { prefix: string }; result: PageOf<SessionOf> }
  /** One of the actor's. Refuses conversation_unknown. */
  'sessions.show': { input: { session: string }; result: ShownSession }
}

export interface ShownSession {
  readonly conversation: Conversation
  /** Everything that was said, deleted or not. */
  readonly messages: number
  /** Who had a part in the latest answers, by the names people see, in the order they came. */
  readonly agents: readonly string[]
}

export const sessionListCommands: Implementation<SessionListCommands> = {
  'sessions.list': (ctx, actor, { prefix, ...page }) => ctx.store.sessionsOf(signedIn(actor).id, prefix, page),
  'sessions.show': async (ctx, actor, { session }) => {
    const conversation = await ctx.store.conversationOf(signedIn(actor).id, session)
    const room = conversation && (await ctx.directory.room(conversation.room))
    if (!room) return refuse({ code: 'conversation_unknown', id: session })
    const window = { above: 0, conversation: null, where: { newest: true }, limit: LOOKED_AT } as const
    const { items } = await page(ctx, room, window)
    return { conversation, messages: items.at(-1)?.message.ordinal ?? 0, agents: await agentsIn(ctx, items) }
  },
}

async function agentsIn({ store }: Context, items: readonly ShownMessage[]): Promise<readonly string[]> {
  const runs = items.flatMap(({ run }) => run ?? [])
  const heads = await store.runHeads(runs.map(({ id }) => id))
  const used = await Promise.all(runs.map((run, index) => agentsOf(store, run, heads[index] ?? 0)))
  return [...new Set(used.flat())]
}

/** The last step of an answer says who had a part in it; where it is gone, who spoke last is known still. */
async function agentsOf(store: Context['store'], run: Run, head: number): Promise<readonly string[]> {
  const [last] = await store.runSteps(run.id, Math.max(0, head - 1), 1)
  const used = last?.type === 'end' ? last.results?.agents_used : undefined
  if (Array.isArray(used)) return used.map(String)
  return run.end?.by == null ? [] : [run.end.by]
}
