import { decisionOf } from '../approval.ts'
import type { Context } from '../context.ts'
import { type RunId, runId } from '../ids.ts'
import { allowed, operatorOnly, signedIn } from '../permissions.ts'
import { readsSince, rules } from '../places.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { Run, RunEnd, RunOrigin, RunStep } from '../run.ts'
import { castOf, type Hear } from '../runs/cast.ts'
import { dayOf } from '../runs/spending.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'

/** Steps of one answer. */
const PAGE = 1_000
/** How long it is kept what answers cost. */
const SPENDING_DAYS = 40

export interface RunCommands {
  /** Ends an answer that is being produced. Whoever asked, the owner of its room, admins. Refuses run_unknown, run_ended, not_owner. */
  'run.cancel': { input: { id: string }; result: { run: Run } }
  /**
   * A new run for the question of an ended one, which goes on where its text stops; for one that was cancelled or interrupted or failed
   * and has a text. Whoever asked and is still in the room, its owner, admins. `clientId` is what the client calls the request:
   * a repeat of it is answered with the first run. Refuses run_unknown, not_owner, role_forbids, run_open, nothing_to_continue,
   * assistant_off, message_unknown (the question is gone), approval_decided (it was no question), id_conflict, rate_limited.
   */
  'run.continue': { input: AgainInput; result: StartedAgain }
  /** The same, but answers from the beginning, and of every ended run. */
  'run.regenerate': { input: AgainInput; result: StartedAgain }
  /** A run with its steps after position `after`, a page of them. To others than readers of its room it is unknown. */
  'run.show': { input: { id: string; after: number }; result: ShownRun }
  /** Forgets what answers cost on days that nobody asks about any more. The operator. */
  'spending.sweep': { input: object; result: object }
}

interface AgainInput {
  readonly id: string
  readonly clientId?: string | null
  /** Hears the steps of the new run. */
  readonly hear?: Hear
}

interface StartedAgain {
  readonly run: Run
  /** Whether an earlier attempt had started it. */
  readonly isRepeat: boolean
}

export interface ShownRun {
  readonly run: Run
  readonly room: Room
  readonly agent: User
  readonly asker: User
  readonly steps: readonly RunStep[]
  /** Position of the run's last step. */
  readonly head: number
}

export const runCommands: Implementation<RunCommands> = {
  'run.cancel': async (ctx, actor, { id }) => {
    const { run, room } = await found(ctx, id)
    await checkCancels(ctx, actor, run, room)
    return { run: await ctx.runs.cancel(run.id) }
  },
  'run.continue': (ctx, actor, input) => startAgain(ctx, actor, 'continue', input),
  'run.regenerate': (ctx, actor, input) => startAgain(ctx, actor, 'regenerate', input),
  'run.show': async (ctx, actor, { id, after }) => {
    const cast = await found(ctx, id)
    if (!(await reads(ctx, signedIn(actor), cast))) return refuse({ code: 'run_unknown' })
    const [head] = await ctx.store.runHeads([cast.run.id])
    return { ...cast, steps: await ctx.store.runSteps(cast.run.id, after, PAGE), head: head ?? 0 }
  },
  'spending.sweep': async (ctx, actor) => {
    operatorOnly(actor)
    const before = dayOf(ctx.clock.now()) - SPENDING_DAYS
    return ctx.commits.run({ type: 'spending.forget', before })
  },
}

async function found(ctx: Context, id: string) {
  const known = runId(id)
  const [run] = known ? await ctx.store.runs([known]) : []
  return (run && (await castOf(ctx, run))) ?? refuse({ code: 'run_unknown' })
}

async function checkCancels(ctx: Context, actor: Actor, run: Run, room: Room): Promise<void> {
  if (actor.kind === 'operator') return
  const user = signedIn(actor)
  if (user.id === run.asker || rules(user, room)) return
  refuse((await reads(ctx, user, { run, room })) ? { code: 'not_owner', of: 'room' } : { code: 'run_unknown' })
}

/** Ends whose text may be gone on from. */
const BROKEN_OFF: readonly RunEnd[] = ['cancelled', 'failed', 'interrupted']

async function startAgain(
  ctx: Context,
  actor: Actor,
  how: RunOrigin['how'],
  { id, clientId = null, hear }: AgainInput,
): Promise<StartedAgain> {
  const { run, ...cast } = await found(ctx, id)
  const user = await checkOrders(ctx, actor, run, cast.room)
  if (cast.room.assistant === 'off' && cast.room.kind !== 'direct') refuse({ code: 'assistant_off' })
  if (!run.end) return refuse({ code: 'run_open' })
  if (how === 'continue' && !(await isBrokenOff(ctx, run))) refuse({ code: 'nothing_to_continue' })
  const message = (await ctx.store.message(run.question)) ?? refuse({ code: 'message_unknown', id: run.question })
  // What was decided counts once.
  const decided = decisionOf(message.body)
  if (decided) return refuse({ code: 'approval_decided', decision: decided.decision })
  const retryAfter = ctx.limits.messages?.take(user.id) ?? 0
  if (retryAfter > 0) refuse({ code: 'rate_limited', retryAfter })
  const order = { by: user.id, clientId }
  const fresh = ctx.ids.uuid() as RunId // a fresh uuid is what a run id is
  const write = { type: 'run.start', id: fresh, origin: { run: run.id, how }, order, at: ctx.clock.now() } as const
  const started = await ctx.commits.run(write, given => {
    if (given.state === 'started') ctx.runs.start({ ...cast, ...given, message, hear })
  })
  return { run: started.run, isRepeat: started.state === 'repeated' }
}

async function isBrokenOff(ctx: Context, { end }: Run): Promise<boolean> {
  if (!end?.answer || !BROKEN_OFF.includes(end.state)) return false
  return (await ctx.store.message(end.answer)) !== undefined
}

/** Whoever may have a question answered again, which is to write in its room. */
async function checkOrders(ctx: Context, actor: Actor, run: Run, room: Room): Promise<User> {
  const user = signedIn(actor)
  const isReader = await reads(ctx, user, { run, room })
  const isTheirs = (user.id === run.asker && isReader) || (room.deletedAt === null && rules(user, room))
  if (!isTheirs) refuse(isReader ? { code: 'not_owner', of: 'room' } : { code: 'run_unknown' })
  return allowed(actor, room.kind === 'conversation' ? 'conversation.send' : 'room.send')
}

const reads = (ctx: Context, user: User, { run, room }: { run: Run; room: Room }): Promise<boolean> =>
  readsSince(ctx, user, room, run.startedAt)
