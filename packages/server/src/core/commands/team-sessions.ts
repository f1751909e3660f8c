import type { Context } from '../context.ts'
import type { Conversation } from '../conversation.ts'
import type { MessageId, RoomId, RunId } from '../ids.ts'
import type { ShownMessage } from '../message.ts'
import { signedIn } from '../permissions.ts'
import { refuse } from '../refusals.ts'
import type { AskOptions, Run, RunStep } from '../run.ts'
import type { Actor, SignedIn } from '../user.ts'
import { agentNamed } from './asking.ts'
import type { Implementation } from './command.ts'
import { keepGuest } from './guests.ts'
import { page } from './history.ts'
import { sendAndWait } from './sending.ts'

/** Questions of one session that may wait for their turn. */
const WAITING_MAX = 60
/** Messages that a session is shown again. */
const SHOWN_MAX = 200
/** Steps that are read at once. */
const STEPS_AT_ONCE = 1_000

/** Somebody's conversation with a team, known by a name that its clients choose. Whoever knows the name of a guest's has it. */
export interface Seat {
  readonly number: number
  readonly room: RoomId
  /** The room's last seq. */
  readonly seq: number
  /** The model that answers where a message names none; null for the standard one. */
  readonly model: string | null
}

export interface TeamSessionCommands {
  /**
   * The actor's conversation of a session, made on first use. A guest who comes to a session of another guest is that guest
   * from now on: `actor` says who they are.
   */
  'session.enter': { input: { session: string }; result: Seat & { actor: SignedIn } }
  /**
   * Asks a team. Its run waits until earlier ones of the session are over. What is to steer the answer under way is said to that,
   * where that hears it; then there is no run. Refuses busy with 60 waiting, conversation_unknown.
   */
  'session.ask': {
    input: { number: number; team: string; body: string; options: AskOptions; isSteering?: boolean }
    result: { message: MessageId; run: RunId | null }
  }
  /** Which model answers from now on; null for the standard one. Answers which one did. Refuses conversation_unknown. */
  'session.switch_model': { input: { number: number; model: string | null }; result: { before: string | null } }
  /** Ends all answers of a session that are under way or wait. Answers how many. Refuses conversation_unknown. */
  'session.stop': { input: { number: number }; result: { stopped: number } }
  /** What was said in a session, and its answer under way as far as `shown` says that clients were shown it. Refuses conversation_unknown. */
  'session.restore': { input: { number: number; shown: (run: RunId) => number | null }; result: RestoredSession }
}

export interface RestoredSession {
  readonly items: readonly ShownMessage[]
  readonly model: string | null
  /** The answer under way, or the first that waits. */
  readonly running: RunningAnswer | null
}

export interface RunningAnswer {
  readonly run: Run
  readonly text: string
  /** Position of the last step that is in it, number of its last text, and who speaks; null before the first. */
  readonly n: number
  readonly chunk: number
  readonly by: string | null
  /** The latest step of every tool that is at work. */
  readonly tools: readonly (RunStep & { readonly type: 'tool' })[]
}

export const teamSessionCommands: Implementation<TeamSessionCommands> = {
  'session.enter': (ctx, actor, { session }) => ctx.seating.take(session, () => seat(ctx, actor, session)),
  'session.ask': async (ctx, actor, { number, team, body, options, isSteering = false }) => {
    const { room, model } = await own(ctx, actor, number)
    if (ctx.runs.openIn(room).length > WAITING_MAX) refuse({ code: 'busy', retryAfter: 1 })
    const agent = agentNamed(ctx, team)
    const to = { at: 'conversation' } as const
    const asked = { ...options, model: options.model ?? model }
    const isUnanswered = isSteering && ctx.runs.steer(room, body)
    const post = { to, body, conversation: number, ask: asked, agent, isUnanswered }
    const { message, answering } = await sendAndWait(ctx, actor, post)
    return { message: message.id, run: answering }
  },
  'session.switch_model': async (ctx, actor, { number, model }) => {
    const { model: before } = await own(ctx, actor, number)
    await ctx.commits.run({ type: 'conversation.change', number, model })
    return { before }
  },
  'session.stop': async (ctx, actor, { number }) => {
    const { room } = await own(ctx, actor, number)
    const open = ctx.runs.openIn(room)
    ctx.runs.cancelIn(room)
    return { stopped: open.length }
  },
  'session.restore': restore,
}

async function own(ctx: Context, actor: Actor, number: number): Promise<Conversation> {
  const user = signedIn(actor)
  const found = await ctx.store.conversation(number)
  return found?.owner === user.id ? found : refuse({ code: 'conversation_unknown', id: String(number) })
}

async function seat(ctx: Context, actor: Actor, session: string): Promise<Seat & { actor: SignedIn }> {
  signedIn(actor)
  if (actor.kind !== 'user') return refuse({ code: 'unauthenticated' })
  const whose = await guestOf(ctx, actor, session)
  const { number, room, model } =
    (await ctx.store.conversationOf(whose.user.id, session)) ?? (await open(ctx, whose, session))
  const [seq] = await ctx.store.heads([room])
  return { number, room, model, seq: seq ?? 0, actor: whose }
}

/** The guest whose session it is, for a guest. */
async function guestOf(ctx: Context, actor: SignedIn, session: string): Promise<SignedIn> {
  if (actor.user.role !== 'guest') return actor
  const owners = await ctx.store.sessionOwners(session)
  const guest = owners.find(({ role }) => role === 'guest')
  if (guest) ctx.guests.keep(guest.id)
  return guest ? { ...actor, user: guest } : actor
}

async function open(ctx: Context, { user }: SignedIn, session: string): Promise<Conversation> {
  if (user.role === 'guest') await keepGuest(ctx, user)
  const room = { own: ctx.ids.uuid() as RoomId } // a fresh uuid is what a room id is
  const at = ctx.clock.now()
  const opened = await ctx.commits.run({ type: 'conversation.open', owner: user.id, room, title: null, session, at })
  ctx.directory.keepRoom(opened.room)
  return opened.conversation
}

async function restore(
  ctx: Context,
  actor: Actor,
  { number, shown }: TeamSessionCommands['session.restore']['input'],
): Promise<RestoredSession> {
  const { room: id, model } = await own(ctx, actor, number)
  // Before the messages are read: an answer that ends meanwhile is then among both, and not among neither.
  const running = await firstOf(ctx, ctx.runs.openIn(id), shown)
  const room = await ctx.directory.room(id)
  if (!room) return refuse({ code: 'conversation_unknown', id: String(number) })
  const { items } = await page(ctx, room, { above: 0, conversation: null, where: { newest: true }, limit: SHOWN_MAX })
  return { items: items.filter(({ run }) => run === null || run.id !== running?.run.id), model, running }
}

/** The first answer that is not over. */
async function firstOf(ctx: Context, open: readonly Run[], shown: (run: RunId) => number | null) {
  for (const run of open) {
    const running = await runningOf(ctx, run, shown(run.id))
    if (running) return running
  }
  return null
}

/** An answer under way; null for one whose end is stored, as is its message. */
async function runningOf({ store }: Context, run: Run, shown: number | null): Promise<RunningAnswer | null> {
  const [head] = await store.runHeads([run.id])
  const last = shown ?? head ?? 0
  const answer = { text: '', n: last, chunk: 0, by: null as string | null }
  const tools = new Map<string, RunStep & { type: 'tool' }>()
  for (let after = 0; after < last; ) {
    const steps = await store.runSteps(run.id, after, Math.min(STEPS_AT_ONCE, last - after))
    if (steps.length === 0) break
    for (const step of steps) {
      if (step.type === 'end') return null
      if (step.type === 'text') {
        answer.text += step.text
        answer.chunk = step.chunk ?? answer.chunk + 1
        answer.by = step.by ?? answer.by
      } else if (step.type === 'switch') answer.by = step.to
      else if (step.state === 'started' || step.state === 'progress') tools.set(step.call, step)
      else tools.delete(step.call)
    }
    after = steps.at(-1)?.n ?? last
  }
  return { run, ...answer, tools: [...tools.values()] }
}
