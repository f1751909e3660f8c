import type { Context } from '../context.ts'
import { type RunId, runId, type UserId } from '../ids.ts'
import { nameKey } from '../names.ts'
import { signedIn } from '../permissions.ts'
import type { Outside } from '../ports/agents.ts'
import { refuse } from '../refusals.ts'
import type { AskOptions, Run, RunOrigin } from '../run.ts'
import type { Hear, Prior } from '../runs/cast.ts'
import type { Actor } from '../user.ts'
import type { Implementation } from './command.ts'
import { conversationCommands } from './conversations.ts'
import { runCommands } from './runs.ts'
import { sendAndWait } from './sending.ts'

/** What is asked of the assistant alone, outside of rooms. */
export interface AskingCommands {
  /**
   * Stores a question in the actor's conversation, or in a new one that is opened for `session`. Answers before the answer is
   * there, the steps of which `hear` is told; `run` is null where nobody answers. `agent`: by name, who answers instead of the
   * assistant. `prior`: what it is told was said before, instead of what is stored.
   */
  'assistant.ask': {
    input: {
      body: string
      conversation: number | null
      session?: string
      options?: AskOptions
      outside?: Outside | null
      hear?: Hear
      agent?: string | null
      prior?: readonly Prior[]
    }
    result: { conversation: number | null; run: RunId | null }
  }
  /**
   * Has the latest question of the actor's conversation answered once more. Refuses conversation_unknown, run_unknown (nothing was
   * asked) and as run.continue does.
   */
  'assistant.again': { input: { conversation: number; how: RunOrigin['how']; hear?: Hear }; result: { run: RunId } }
  /**
   * The actor's run once its end is stored, with its text. Refuses run_unknown, storage_failed where the end can't be stored now, and
   * run_open where the server stops and the run goes on after its next start.
   */
  'run.await': { input: { id: string }; result: { run: Run; text: string } }
  /** The actor's conversation of a session, and the model that it has of its own. */
  'conversation.find': { input: { session: string }; result: { number: number | null; model: string | null } }
  /** The session finds the actor's conversation no longer; it stays among theirs. No error where it is not there. */
  'conversation.let_go': { input: { number: number }; result: object }
}

/** Messages among which the latest question is found: the others are answers to it. */
const LOOKED_AT = 50

const NO_OPTIONS: AskOptions = { model: null, systemPrompt: null, temperature: null, maxTokens: null }

export const askingCommands: Implementation<AskingCommands> = {
  'assistant.ask': async (ctx, actor, { options = NO_OPTIONS, agent: name = null, ...post }) => {
    const to = { at: 'conversation' } as const
    const agent = name === null ? null : agentNamed(ctx, name)
    const { message, answering } = await sendAndWait(ctx, actor, { ...post, to, ask: options, agent })
    return { conversation: message.conversation, run: answering }
  },
  'assistant.again': async (ctx, actor, { conversation, how, hear }) => {
    const run = await latestRun(ctx, actor, conversation)
    const started = await runCommands[`run.${how}`](ctx, actor, { id: run?.id ?? '', ...(hear && { hear }) })
    return { run: started.run.id }
  },
  'run.await': async (ctx, actor, { id }) => {
    const user = signedIn(actor)
    const known = runId(id)
    const run = known && (await ctx.runs.ended(known))
    if (run?.asker !== user.id) return refuse({ code: 'run_unknown' })
    const answer = run.end?.answer ? await ctx.store.message(run.end.answer) : undefined
    return { run, text: answer?.body ?? '' }
  },
  'conversation.find': async (ctx, actor, { session }) => {
    const found = await ctx.store.conversationOf(signedIn(actor).id, session)
    return { number: found?.number ?? null, model: found?.model ?? null }
  },
  'conversation.let_go': async (ctx, actor, { number }) => {
    const user = signedIn(actor)
    const found = await ctx.store.conversation(number)
    if (found?.owner === user.id) await ctx.commits.run({ type: 'conversation.let_go', number })
    return {}
  },
}

/** The agent that is called so. */
export function agentNamed({ directory }: Context, name: string): UserId | null {
  const agent = [...directory.agents].find(one => nameKey(one.name) === nameKey(name))
  return agent?.id ?? null
}

/** The run that answered the latest question of a conversation last. */
async function latestRun(ctx: Context, actor: Actor, number: number): Promise<Run | undefined> {
  const where = { newest: true } as const
  const { items } = await conversationCommands['conversations.history'](ctx, actor, { number, where, limit: LOOKED_AT })
  const question = items.findLast(({ sender }) => sender.role !== 'agent')
  return question && (await ctx.store.runsOf(question.message.id)).at(-1)
}
