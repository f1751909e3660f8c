import type { Context } from '../context.ts'
import { runId } from '../ids.ts'
import { operatorOnly, signedIn } from '../permissions.ts'
import { readsSince, rules } from '../places.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { Run, RunStep } from '../run.ts'
import { castOf } from '../runs/cast.ts'
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
  /** A run with its steps after position `after`, a page of them. To others than readers of its room it is unknown. */
  'run.show': { input: { id: string; after: number }; result: ShownRun }
  /** Forgets what answers cost on days that nobody asks about any more. The operator. */
  'spending.sweep': { input: object; result: object }
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

const reads = (ctx: Context, user: User, { run, room }: { run: Run; room: Room }): Promise<boolean> =>
  readsSince(ctx, user, room, run.startedAt)
